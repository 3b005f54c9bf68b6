import Testing

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
        if line.contains(#"""# + committed) { return .acknowledged }
        return nil
    }

    /// `-xx` prints paths in hexadecimal too.
    private static func hex(_ text: String) -> String {
        text.utf8.map { "\\x" + String($0, radix: 16) }.joined()
    }
}

extension SystemCallTrace {
    /// Length 5, type 130; the number of records follows.
    private static let committed = #"\x05\x00\x00\x00\x82"#
    private static let created = hex("Status: 201")

    /// How many records an aggregator has acknowledged, each after the sync that covers it.
    ///
    /// The thread that acknowledges reads what there is, appends and syncs it, then writes the answers: so nothing is
    /// acknowledged while anything that was read or appended is not synced.
    static func recordsAcknowledged(in trace: String) throws -> Int {
        let log = hex("journal.sqlite-wal")
        let lines = trace.split(separator: "\n")
        let thread = try #require(lines.first { isSending($0) && $0.contains(committed) }).prefix { $0 != " " }
        var count = 0
        var early = 0
        var isSynced = false
        for line in lines where line.prefix(while: { $0 != " " }) == thread {
            if line.contains("recvfrom("), result(of: line) > 0 {
                isSynced = false
            } else if line.contains("pwrite64("), line.contains(log) {
                isSynced = false
            } else if line.contains("fdatasync"), line.contains(log) || line.contains("resumed") {
                isSynced = line.hasSuffix("= 0")
            } else if isSending(line), line.contains(committed) {
                if !isSynced { early += 1 }
                count += records(in: line)
            }
        }
        #expect(early == 0, "acknowledgements before the sync that covers them")
        return count
    }

    /// How many requests a responder has answered 201, each after an acknowledgement that no other answer has used up.
    static func answersAfterAcknowledgement(in trace: String) -> Int {
        var acknowledged = 0
        var answered = 0
        var early = 0
        for line in trace.split(separator: "\n") {
            if line.contains("recvfrom("), line.contains(committed) { acknowledged += records(in: line) }
            guard line.contains(created) else { continue }
            answered += 1
            if answered > acknowledged { early += 1 }
        }
        #expect(early == 0, "answers before their record was acknowledged")
        return answered
    }

    private static func isSending(_ line: Substring) -> Bool {
        ["sendto(", "write(", "writev(", "sendmsg("].contains { line.contains($0) }
    }

    /// Of all frames in the line that tell of committed records.
    private static func records(in line: Substring) -> Int {
        line.ranges(of: committed).reduce(0) { count, range in
            let digits = line[range.upperBound...].prefix(16).split(separator: "\\x")
            return count + digits.reversed().reduce(0) { $0 << 8 | (Int($1.prefix(2), radix: 16) ?? 0) }
        }
    }

    private static func result(of line: Substring) -> Int {
        line.split(separator: " ").last.flatMap { Int($0) } ?? 0
    }
}
