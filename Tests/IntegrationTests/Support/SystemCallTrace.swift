/// What an aggregator did to its journal and said to its responder, read from strace's output (`-f -y -xx`).
struct SystemCallTrace {
    enum Step {
        /// Bytes were written to the journal's log.
        case appended
        /// The journal's log was synced.
        case synced
        /// A `committed` frame was written to a socket.
        case acknowledged
    }

    let steps: [Step]

    init(_ text: String) {
        steps = text.split(separator: "\n").compactMap(Self.step)
    }

    /// A call that another thread interrupts is two lines. A sync counts when it has ended; the others when they begin.
    private static func step(_ line: Substring) -> Step? {
        let log = hex("journal.sqlite-wal")
        if line.contains("pwrite64(") && line.contains(log) { return .appended }
        if line.contains("fdatasync(") || line.contains("fsync(") {
            return line.contains(log) && line.hasSuffix("= 0") ? .synced : nil
        }
        if line.contains("fdatasync resumed") { return line.hasSuffix("= 0") ? .synced : nil }
        // Length 5, type 130.
        let committed = #""\x05\x00\x00\x00\x82"#
        if line.contains(committed) { return .acknowledged }
        return nil
    }

    /// `-xx` prints paths in hexadecimal too.
    private static func hex(_ text: String) -> String {
        text.utf8.map { "\\x" + String($0, radix: 16) }.joined()
    }
}
