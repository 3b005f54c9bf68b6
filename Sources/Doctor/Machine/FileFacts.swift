import Glibc

/// What the file system says of a path, links followed.
struct FileFacts {
    enum Kind {
        case file, directory, socket, other
    }

    let kind: Kind
    let owner: uid_t
    let group: gid_t
    /// The permission bits.
    let mode: mode_t
    /// In bytes.
    let size: Int
    /// When its contents were changed, in seconds since 1970.
    let changedSeconds: Int

    /// Nil where nothing is there, or this process may not look.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFSOCK: .socket
            default: .other
            }
        owner = status.st_uid
        group = status.st_gid
        mode = status.st_mode & 0o7777
        size = Int(status.st_size)
        changedSeconds = status.st_mtim.tv_sec
    }

    /// As `ls -l` has it, less the kind: `rule-outcomes:www-data 0660`.
    var text: String {
        "\(Names.user(owner)):\(Names.group(group)) \(Octal.text(mode))"
    }

    /// Whether both are one file, however they are called; two that are not there are one where their names are.
    static func isSame(_ left: String, _ right: String) -> Bool {
        var (a, b) = (stat(), stat())
        guard stat(left, &a) == 0, stat(right, &b) == 0 else { return left == right }
        return a.st_dev == b.st_dev && a.st_ino == b.st_ino
    }

    /// What a symbolic link says; nil where there is none, or this process may not look.
    static func target(of link: String) -> String? {
        var bytes = [CChar](repeating: 0, count: 4096)
        let count = readlink(link, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The names in a directory; empty where there is none, or this process may not look.
    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        // An entry ends with its name: whoever copied a whole dirent would read past the last one's, and past what is mapped.
        guard let place = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
        while let entry = readdir(stream) {
            let name = String(cString: UnsafeRawPointer(entry).advanced(by: place).assumingMemoryBound(to: CChar.self))
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The text of a small file, such as those of /proc; nil where it cannot be read.
    static func text(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var some = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = read(descriptor, &some, some.count)
            guard count >= 0 else { return nil }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += some[..<count]
        }
    }
}

enum Octal {
    static func text(_ mode: mode_t) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

/// Users and groups by their names, as this machine knows them.
enum Names {
    static func user(_ id: uid_t) -> String {
        getpwuid(id).map { String(cString: $0.pointee.pw_name) } ?? "\(id)"
    }

    static func group(_ id: gid_t) -> String {
        getgrgid(id).map { String(cString: $0.pointee.gr_name) } ?? "\(id)"
    }

    static func hasUser(_ name: String) -> Bool { getpwnam(name) != nil }

    static func hasGroup(_ name: String) -> Bool { getgrnam(name) != nil }
}
