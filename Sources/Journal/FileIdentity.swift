import Glibc

/// Which file a path leads to, whatever it was called before or will be.
struct FileIdentity: Equatable {
    private let device: dev_t
    private let inode: ino_t

    /// nil when the path leads nowhere.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = status.st_dev
        inode = status.st_ino
    }
}
