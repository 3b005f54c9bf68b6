/// The `responder` section.
public struct ResponderConfiguration: Sendable, Equatable {
    /// Where FastCGI connections come from.
    public enum Listen: Sendable, Equatable {
        case unix(path: String)
        case tcp(address: String, port: UInt16)
        /// Descriptor 0 (spawn-fcgi) or `LISTEN_FDS` (systemd).
        case inherited
    }

    public var listen: Listen
    public var access: SocketAccess
    /// The path of the Unix socket that nginx logs exposures to; nil when it does not.
    public var exposureSocket: String?
    public var exposureAccess: SocketAccess
    /// The installation's secret under which tracking ids become subjects.
    public var subjectSecret: KeyFile
    /// How long a request waits for its record to be durable before it is answered 503.
    public var deadlineMilliseconds: Int
    /// How many records may await their commit; a request beyond is answered 503 at once.
    public var inFlightMax: Int
    /// How many FastCGI connections may be open; further ones wait in the listen queue.
    public var connectionsMax: Int

    public init(
        listen: Listen, access: SocketAccess = SocketAccess(), exposureSocket: String? = nil,
        exposureAccess: SocketAccess = SocketAccess(), subjectSecret: KeyFile,
        deadlineMilliseconds: Int = 2000, inFlightMax: Int = 4096, connectionsMax: Int = 4096
    ) {
        self.listen = listen
        self.access = access
        self.exposureSocket = exposureSocket
        self.exposureAccess = exposureAccess
        self.subjectSecret = subjectSecret
        self.deadlineMilliseconds = deadlineMilliseconds
        self.inFlightMax = inFlightMax
        self.connectionsMax = connectionsMax
    }
}
