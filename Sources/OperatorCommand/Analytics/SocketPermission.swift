import Glibc

/// Who may open a Unix socket that this process may not.
struct SocketPermission {
    private let socket: String

    init(_ socket: String) {
        self.socket = socket
    }

    /// What whoever may not open the socket has to do.
    var remedy: String {
        let obstacle = obstacle
        guard let group = Self.group(of: obstacle) else { return "run this as root, or as the user that owns it" }
        let place = obstacle == socket ? "owns it" : "owns the directory \(obstacle.escapedForTerminal)"
        return "join the group \(group), which \(place), or run this as root"
    }

    /// The first directory on the way that this process may not pass, otherwise the socket.
    private var obstacle: String {
        let slashes = socket.indices.filter { socket[$0] == "/" && $0 != socket.startIndex }
        return slashes.map { String(socket[..<$0]) }.first { access($0, X_OK) != 0 } ?? socket
    }

    /// The name of the group that owns the file, or its number when it has no name.
    private static func group(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        guard let entry = getgrgid(status.st_gid) else { return "\(status.st_gid)" }
        return String(cString: entry.pointee.gr_name)
    }
}
