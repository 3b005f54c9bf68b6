@testable import FastCGI

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
