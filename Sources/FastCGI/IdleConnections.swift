/// The connections that wait for a request, in the order in which they began to.
///
/// A list through the connections themselves, so that each request, which takes one out and puts it back at the end, costs
/// the same however many there are.
struct IdleConnections {
    /// Where a connection stands.
    struct Place {
        fileprivate(set) unowned var previous: Connection?
        fileprivate(set) var next: Connection?
        /// What the caller said when the connection came in.
        let since: UInt64
    }

    /// The one that has waited longest.
    private(set) var first: Connection?
    private var last: Connection?

    /// Puts a connection, which must not be in here, at the end.
    mutating func append(_ connection: Connection, since: UInt64) {
        connection.idlePlace = Place(previous: last, next: nil, since: since)
        if let last { last.idlePlace?.next = connection } else { first = connection }
        last = connection
    }

    /// Takes a connection out, if it is in here.
    mutating func remove(_ connection: Connection) {
        guard let place = connection.idlePlace else { return }
        connection.idlePlace = nil
        if let previous = place.previous { previous.idlePlace?.next = place.next } else { first = place.next }
        if let next = place.next { next.idlePlace?.previous = place.previous } else { last = place.previous }
    }
}
