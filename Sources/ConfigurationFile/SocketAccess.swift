/// Who may use a Unix socket.
public struct SocketAccess: Sendable, Equatable {
    /// Permission bits, `0o660` unless configured.
    public var mode: UInt16
    /// The name of the user that owns the socket; nil leaves the process's own.
    public var owner: String?
    /// The name of the group that owns the socket; nil leaves the process's own.
    public var group: String?
    /// Names of the users whose processes may connect, checked with `SO_PEERCRED`; empty lets in whoever may open
    /// the socket.
    public var allowedPeers: [String]

    public init(
        mode: UInt16 = 0o660, owner: String? = nil, group: String? = nil, allowedPeers: [String] = []
    ) {
        self.mode = mode
        self.owner = owner
        self.group = group
        self.allowedPeers = allowedPeers
    }
}
