import CLinux
import Glibc

/// Where the data directory lies, and how much room there is.
struct DiskExamination {
    let directory: String

    private static let bytesMin: UInt64 = 256 << 20
    private static let bytesComfortable: UInt64 = 2 << 30
    private static let inodesMin: UInt64 = 100

    var findings: [Finding] {
        var space = statvfs()
        guard statvfs(directory, &space) == 0 else { return [] }
        let free = UInt64(space.f_bavail) * UInt64(space.f_frsize)
        return [kind, room(free), inodes(space)].compactMap(\.self)
    }

    private func room(_ free: UInt64) -> Finding {
        let text = "\(Self.megabytes(free)) are free for \(directory)"
        if free < Self.bytesMin {
            return Finding(.disk, .error, text, remedy: "make room: with none, conversions are answered 503")
        }
        if free < Self.bytesComfortable {
            return Finding(.disk, .warning, text, remedy: "a day's records may take that; watch it, or make room")
        }
        return Finding(.disk, .fine, text)
    }

    private static func megabytes(_ bytes: UInt64) -> String {
        bytes >> 30 >= 10 ? "\(bytes >> 30) GiB" : "\(bytes >> 20) MiB"
    }

    /// Some file systems make inodes as they need them, and say that they have none.
    private func inodes(_ space: statvfs) -> Finding? {
        guard space.f_files > 0, space.f_favail < Self.inodesMin else { return nil }
        return Finding(
            .disk, .error, "\(space.f_favail) inodes are free for \(directory)",
            remedy: "remove files there; SQLite needs some")
    }

    /// By `f_type` of statfs(2).
    private static let remote: [Int: String] = [
        0x6969: "NFS", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB", 0x517B: "SMB", 0x0102_1997: "9P", 0x00C3_6400: "Ceph",
        0x6573_5546: "FUSE", 0x0116_1970: "GFS2", 0x7461_636F: "OCFS2",
    ]
    private static let memory: [Int: String] = [0x0102_1994: "tmpfs", 0x8584_58F6: "ramfs"]
    private static let overlay = 0x794C_7630

    private var kind: Finding? {
        var system = statfs()
        guard statfs(directory, &system) == 0 else { return nil }
        let number = Int(system.f_type) & 0xFFFF_FFFF
        if let name = Self.remote[number] {
            return Finding(
                .disk, .error, "\(directory) lies on \(name)",
                remedy: "what SQLite promises needs a local disk: move it (Operations, Moving to another host)")
        }
        if let name = Self.memory[number] {
            return Finding(
                .disk, .error, "\(directory) lies in memory (\(name)), which is gone after a restart", remedy: "move it"
            )
        }
        guard number == Self.overlay else { return nil }
        return Finding(
            .disk, .note, "\(directory) lies in a layer over other files (overlay)",
            remedy: "in a container it goes with the container: mount a volume there")
    }
}
