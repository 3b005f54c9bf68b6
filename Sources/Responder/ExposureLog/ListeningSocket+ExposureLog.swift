import ConfigurationFile
import Logging
import Sockets

extension ListeningSocket {
    /// How many lines there should be room for: nginx writes those of one turn of its own at once.
    private static let linesQueuedMin = 512

    /// The socket that nginx logs to, as it is configured, or as systemd has passed it, whatever requests come by; nil when
    /// there is none.
    static func exposureLog(
        _ responder: ResponderConfiguration, _ logger: Logger
    ) throws(SocketFailure) -> ListeningSocket? {
        guard let path = responder.exposureSocket else { return try inheritedDatagrams() }
        if let passed = try inheritedDatagrams() {
            throw SocketFailure(
                "\(passed.name): a socket for datagrams was passed, and responder.exposureSocket names another; pass none, "
                    + "or take that key out")
        }
        if let queued = datagramsQueuedMax, queued < linesQueuedMin {
            logger.warning(
                """
                net.unix.max_dgram_qlen is \(queued), so nginx loses exposures that come at once: set it to \
                \(linesQueuedMin) or more (sysctl.d) and start the responder again
                """)
        }
        let access = responder.exposureAccess
        return try .datagrams(
            path: path, access: UnixSocketAccess(mode: access.mode, owner: access.owner, group: access.group))
    }
}
