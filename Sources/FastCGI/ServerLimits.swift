/// How much a ``Server`` takes from its peers.
public struct ServerLimits: Sendable {
    /// Open connections. For one more, the one that has waited longest for a request is closed; while none waits for one,
    /// further connections wait in the listen queue.
    public var connectionsMax: Int
    /// A whole request as it travels: parameters, body, and the framing of both. A longer one ends its connection.
    public var requestBytesMax: Int
    /// A request's body. A longer one is dropped; its request says so, and its connection ends with the answer.
    public var bodyBytesMax: Int
    /// How much of such a body is taken and dropped, so that the web server, which may still be sending it, reads the
    /// answer. What goes on longer is cut off.
    public var drainBytesMax: Int
    /// How long a request may take to arrive, from its first byte to its last.
    public var requestDeadlineMilliseconds: Int
    /// How long a connection may wait for a request; it is closed at most an eighth later. To be longer than the web server
    /// keeps one, so that it is the one that closes: what it sends while the connection is closed here, it sends again.
    public var idleMilliseconds: Int

    public init(
        connectionsMax: Int, requestBytesMax: Int, bodyBytesMax: Int, drainBytesMax: Int = 256 * 1024,
        requestDeadlineMilliseconds: Int = 5_000, idleMilliseconds: Int = 75_000
    ) {
        self.connectionsMax = connectionsMax
        self.requestBytesMax = requestBytesMax
        self.bodyBytesMax = bodyBytesMax
        self.drainBytesMax = drainBytesMax
        self.requestDeadlineMilliseconds = requestDeadlineMilliseconds
        self.idleMilliseconds = idleMilliseconds
    }
}
