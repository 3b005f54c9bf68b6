@testable import FastCGI

/// FastCGI 1.0, byte by byte: records as a web server writes them, and as none does.
enum Wire {
    enum RecordType {
        static let begin: UInt8 = 1
        static let abort: UInt8 = 2
        static let end: UInt8 = 3
        static let parameters: UInt8 = 4
        static let body: UInt8 = 5
        static let output: UInt8 = 6
        static let errors: UInt8 = 7
        static let data: UInt8 = 8
        static let getValues: UInt8 = 9
        static let unknown: UInt8 = 11
    }

    /// A record (section 3.3). `content` is at most 65,535 bytes, `padding` at most 255.
    static func record(
        _ type: UInt8, id: Int = 1, _ content: [UInt8] = [], padding: Int = 0, version: UInt8 = 1
    ) -> [UInt8] {
        header(type, id: id, contentBytes: content.count, padding: padding, version: version)
            + content + [UInt8](repeating: 0xAA, count: padding)
    }

    static func header(
        _ type: UInt8, id: Int = 1, contentBytes: Int, padding: Int = 0, version: UInt8 = 1
    ) -> [UInt8] {
        [
            version, type, UInt8(id >> 8), UInt8(id & 0xFF), UInt8(contentBytes >> 8), UInt8(contentBytes & 0xFF),
            UInt8(padding), 0,
        ]
    }

    /// The record that a request begins with (section 5.1). Role 1 is the responder.
    static func begin(id: Int = 1, role: Int = 1, keepsConnection: Bool = true) -> [UInt8] {
        record(RecordType.begin, id: id, beginContent(role: role, keepsConnection: keepsConnection))
    }

    static func beginContent(role: Int = 1, keepsConnection: Bool = true) -> [UInt8] {
        [UInt8(role >> 8), UInt8(role & 0xFF), keepsConnection ? 1 : 0, 0, 0, 0, 0, 0]
    }

    /// A name-value pair (section 3.4), its lengths in four bytes where they must be, or where that is asked for.
    static func pair(_ name: String, _ value: String, isLong: Bool = false) -> [UInt8] {
        length(name.utf8.count, isLong: isLong) + length(value.utf8.count, isLong: isLong) + name.utf8 + value.utf8
    }

    static func length(_ length: Int, isLong: Bool = false) -> [UInt8] {
        guard isLong || length > 127 else { return [UInt8(length)] }
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) | ($0 == 24 ? 0x80 : 0) }
    }

    /// A stream: its content in records of that many bytes, each padded, and the empty record that ends it.
    static func stream(
        _ type: UInt8, id: Int = 1, _ content: [UInt8], recordBytes: Int = 32_768, padding: Int = 0
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: content.count, by: recordBytes) {
            let end = min(start + recordBytes, content.count)
            bytes += record(type, id: id, Array(content[start..<end]), padding: padding)
        }
        return bytes + record(type, id: id)
    }

    static func parameters(_ pairs: [(String, String)], id: Int = 1, recordBytes: Int = 32_768) -> [UInt8] {
        stream(RecordType.parameters, id: id, pairs.flatMap { pair($0.0, $0.1) }, recordBytes: recordBytes)
    }

    static func body(_ content: [UInt8], id: Int = 1, recordBytes: Int = 32_768) -> [UInt8] {
        stream(RecordType.body, id: id, content, recordBytes: recordBytes)
    }

    /// A whole request as nginx writes one, `CONTENT_LENGTH` included.
    static func request(
        _ pairs: [(String, String)] = [], body content: [UInt8] = [], id: Int = 1, keepsConnection: Bool = true
    ) -> [UInt8] {
        let length = ("CONTENT_LENGTH", content.isEmpty ? "" : "\(content.count)")
        return begin(id: id, keepsConnection: keepsConnection) + parameters([length] + pairs, id: id)
            + body(content, id: id)
    }

    static func request(body text: String, keepsConnection: Bool = true) -> [UInt8] {
        request(body: Array(text.utf8), keepsConnection: keepsConnection)
    }
}

/// What the guard's tests hold against it.
enum GuardedRequests {
    struct Sample: CustomStringConvertible {
        let description: String
        let bytes: [UInt8]
    }

    static let limits = ServerLimits(connectionsMax: 1, requestBytesMax: 80 * 1024, bodyBytesMax: 16 * 1024)

    /// Pairs of every kind: short and long, empty names, empty values.
    static let pairs: [UInt8] =
        Wire.pair("REQUEST_METHOD", "POST") + Wire.pair("", "") + Wire.pair("NAME", "") + Wire.pair("", "value")
        + Wire.pair("COOKIE", String(repeating: "c", count: 300)) + Wire.pair("SHORT", "long form", isLong: true)
        + Wire.pair(String(repeating: "N", count: 128), "x")

    static let whole: [Sample] = [
        Sample(
            description: "no parameters and no body",
            bytes: Wire.begin() + Wire.record(4) + Wire.record(5)),
        Sample(description: "as nginx writes one", bytes: Wire.request([("A", "b")], body: Array("{}".utf8))),
        Sample(
            description: "parameters of every kind",
            bytes: Wire.begin() + Wire.stream(4, pairs) + Wire.stream(5, [1, 2, 3])),
        Sample(
            description: "a record for every byte",
            bytes: Wire.begin() + Wire.stream(4, pairs, recordBytes: 1) + Wire.stream(5, [1, 2, 3], recordBytes: 1)),
        Sample(
            description: "records of 7 bytes",
            bytes: Wire.begin() + Wire.stream(4, pairs, recordBytes: 7) + Wire.stream(5, [1, 2, 3], recordBytes: 2)),
        Sample(
            description: "padded records",
            bytes: Wire.begin() + Wire.stream(4, pairs, recordBytes: 100, padding: 7)
                + Wire.stream(5, [1, 2, 3], recordBytes: 2, padding: 255)),
        Sample(
            description: "the highest request id",
            bytes: Wire.request([("A", "b")], body: [1], id: 65_535)),
        Sample(
            description: "a body of FastCGI records",
            bytes: Wire.request(body: Wire.request([("A", "b")]) + Wire.record(9, id: 0))),
    ]

    /// Nearly as large as requests may be.
    static let large = Wire.request(
        (0..<60).map { ("HTTP_X_\($0)", String(repeating: "v", count: 1_000)) },
        body: [UInt8](repeating: 0x20, count: limits.bodyBytesMax))
}

extension RequestGuard {
    mutating func examine(_ bytes: [UInt8]) -> Finding {
        bytes.withUnsafeBytes { examine($0) }
    }

    /// What a new guard finds.
    static func finding(in bytes: [UInt8], limits: ServerLimits = GuardedRequests.limits) -> Finding {
        var guardian = RequestGuard(limits: limits)
        return guardian.examine(bytes)
    }
}
