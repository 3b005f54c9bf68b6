/// How much a ``Server`` takes from its peers.
public struct ServerLimits: Sendable {
    /// Open connections; further ones wait in the listen queue.
    public var connectionsMax: Int
    /// A whole request as it travels: parameters, body, and the framing of both. A longer one ends its connection.
    public var requestBytesMax: Int
    /// A request's body. A longer one is not read; its request says so, and its connection ends with the answer.
    public var bodyBytesMax: Int
    /// How long a request may take to arrive, from its first byte to its last.
    public var requestDeadlineMilliseconds: Int

    public init(
        connectionsMax: Int, requestBytesMax: Int, bodyBytesMax: Int, requestDeadlineMilliseconds: Int = 5_000
    ) {
        self.connectionsMax = connectionsMax
        self.requestBytesMax = requestBytesMax
        self.bodyBytesMax = bodyBytesMax
        self.requestDeadlineMilliseconds = requestDeadlineMilliseconds
    }
}
