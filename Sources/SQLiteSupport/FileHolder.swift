import FoundationEssentials
import Glibc

/// Who keeps SQLite's log from being emptied, in words for an operator.
///
/// Whoever reads or writes has a lock on a byte of the log's index, the file `…-shm`, and the kernel tells of all locks
/// in /proc/locks. Looking there opens none of the database's files, which would let go of this process's own locks.
public enum FileHolder {
    /// The bytes that stand for writing, copying, recovering and five readers.
    /// Source: https://www.sqlite.org/walformat.html#wal_locks
    private static let lockBytes = 120...127

    /// One short sentence.
    public static func description(of path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        guard let holders = holders(ofIndex: path + "-shm") else {
            return "a report is being read from \(name), or another process is using it"
        }
        // The kernel's list may miss a lock while others come and go, and reports are what is read mostly.
        guard let other = holders.first(where: { $0 != getpid() }) else {
            return "a report is being read from \(name)"
        }
        return "process \(other)\(command(of: other)) is using \(name)"
    }

    /// Nil where the kernel does not tell.
    private static func holders(ofIndex path: String) -> [pid_t]? {
        var status = stat()
        guard stat(path, &status) == 0, let locks = try? String(contentsOfFile: "/proc/locks", encoding: .utf8) else {
            return nil
        }
        return locks.split(separator: "\n").compactMap { line in
            // 1: POSIX  ADVISORY  READ 4711 fd:01:1234 123 123
            let fields = line.split(separator: " ")
            guard fields.count == 8, fields[1] == "POSIX", let process = pid_t(fields[4]), process > 0,
                fields[5].split(separator: ":").last == "\(status.st_ino)",
                let first = Int(fields[6]), let last = Int(fields[7]) ?? (fields[7] == "EOF" ? .max : nil),
                first <= lockBytes.upperBound, last >= lockBytes.lowerBound
            else { return nil }
            return process
        }
    }

    /// What the process is called, or where this one is not shown others' (`ProtectProc=` of its unit), what to type to see it.
    private static func command(of process: pid_t) -> String {
        guard let name = try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8) else {
            return " (run 'ps -fp \(process)' as root to see what it is)"
        }
        let printable = name.unicodeScalars.filter { $0.isASCII && $0.value >= 0x20 && $0.value != 0x7F }
        return " (\(String(String.UnicodeScalarView(printable))))"
    }
}
