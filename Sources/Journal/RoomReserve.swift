import Glibc

/// A file in the data directory that holds some room, so that an aggregator can start on a full disk: opening a database
/// takes a little, and without it no report could be read.
///
/// It is given up when a start finds no room, and taken again at the next start, or clean stop, that finds some.
public struct RoomReserve: Sendable {
    /// What two logs' indexes need, and a good deal more for long logs; as much of it as there is.
    private static let bytesWanted = [256, 128, 64].map { $0 * 1024 }

    private let path: String

    public init(directory: String) {
        path = "\(directory)/reserve"
    }

    /// Gives the room to whoever needs it. Returns whether there was any.
    public func release() -> Bool {
        unlink(path) == 0
    }

    /// Takes the room, if there is any. It is no failure when there is none.
    public func take() {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return }
        for bytes in Self.bytesWanted where bytes > status.st_size {
            if posix_fallocate(descriptor, 0, off_t(bytes)) == 0 { return }
        }
        if status.st_size == 0 { unlink(path) }
    }
}
