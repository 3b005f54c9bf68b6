/// When a time zone's clock was turned, and by what rule it goes on: the content of a TZif file.
///
/// Source: RFC 9636 (which took the place of RFC 8536). The file's bytes are not trusted.
struct ZoneClock: Sendable, Equatable {
    private struct Turn: Equatable {
        let seconds: Int64
        let offsetSeconds: Int64
    }

    /// Before the first turn.
    private let firstOffsetSeconds: Int64
    /// In rising order.
    private let turns: [Turn]
    /// After the last turn; nil where its offset goes on.
    private let rule: ZoneRule?

    init(offsetSeconds: Int64) {
        (firstOffsetSeconds, turns, rule) = (offsetSeconds, [], nil)
    }

    /// - Parameter bytes: of version 2 or later. The part for readers of version 1 is passed over.
    init(file bytes: [UInt8]) throws(ZoneFault) {
        var reader = ZoneFileReader(bytes)
        _ = try reader.block(timeBytes: 4, try reader.counts())
        let counts = try reader.counts()
        let block = try reader.block(timeBytes: 8, counts)
        // A zone that counts leap seconds has another idea of "since 1970".
        guard counts.leapSeconds == 0 else { throw .leapSeconds }
        let offsets = block.types.map(\.offsetSeconds)
        guard let first = offsets.first, block.typeIndices.allSatisfy({ $0 < offsets.count }),
            offsets.allSatisfy(ZoneRule.offsets.contains),
            zip(block.times, block.times.dropFirst()).allSatisfy(<)
        else { throw .inconsistent }
        firstOffsetSeconds = first
        turns = zip(block.times, block.typeIndices).map { Turn(seconds: $0, offsetSeconds: offsets[$1]) }
        let footer = try reader.footer()
        rule = footer.isEmpty ? nil : try ZoneRule(footer)
    }

    func offsetSeconds(at seconds: Int64) -> Int64 {
        guard let last = turns.last else { return rule?.offsetSeconds(at: seconds) ?? firstOffsetSeconds }
        if seconds >= last.seconds { return rule?.offsetSeconds(at: seconds) ?? last.offsetSeconds }
        // The first turn that is still to come.
        var (low, high) = (0, turns.count)
        while low < high {
            let middle = (low + high) / 2
            if turns[middle].seconds > seconds { high = middle } else { low = middle + 1 }
        }
        return low == 0 ? firstOffsetSeconds : turns[low - 1].offsetSeconds
    }
}

/// Why a file is none of a time zone's.
public enum ZoneFault: Error, Sendable, Equatable, CustomStringConvertible {
    case truncated, signature, version, inconsistent, leapSeconds, rule

    public var description: String {
        switch self {
        case .truncated: "it ends too early"
        case .signature: "it does not begin with TZif"
        case .version: "it is of version 1, which ends in 2037"
        case .inconsistent: "its parts contradict each other"
        case .leapSeconds: "it counts leap seconds"
        case .rule: "its last line is no rule"
        }
    }
}

/// Reads the parts of a TZif file, in order.
private struct ZoneFileReader {
    struct Counts {
        let universals, standards, leapSeconds, times, types, characters: Int
    }

    struct Block {
        let times: [Int64]
        let typeIndices: [Int]
        let types: [(offsetSeconds: Int64, isDaylight: Bool)]
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    /// The header: magic, version, 15 unused bytes, six counts.
    mutating func counts() throws(ZoneFault) -> Counts {
        guard try take(4).elementsEqual("TZif".utf8) else { throw .signature }
        guard let version = try take(1).first, version >= UInt8(ascii: "2") else { throw .version }
        _ = try take(15)
        var counts: [Int] = []
        for _ in 0..<6 { counts.append(Int(UInt32(truncatingIfNeeded: try integer(bytes: 4)))) }
        return Counts(
            universals: counts[0], standards: counts[1], leapSeconds: counts[2], times: counts[3], types: counts[4],
            characters: counts[5])
    }

    mutating func block(timeBytes: Int, _ counts: Counts) throws(ZoneFault) -> Block {
        var times: [Int64] = []
        for _ in 0..<counts.times { times.append(try integer(bytes: timeBytes)) }
        let indices = try take(counts.times).map { Int($0) }
        var types: [(Int64, Bool)] = []
        for _ in 0..<counts.types {
            let offset = try integer(bytes: 4)
            types.append((offset, try take(2).first == 1))
        }
        // Designations, leap seconds, and whether a rule's times were standard or universal ones.
        _ = try take(counts.characters)
        for _ in 0..<counts.leapSeconds { _ = try take(timeBytes + 4) }
        _ = try take(counts.standards)
        _ = try take(counts.universals)
        return Block(times: times, typeIndices: indices, types: types)
    }

    /// What stands between two newlines at the end.
    mutating func footer() throws(ZoneFault) -> String {
        let newline = UInt8(ascii: "\n")
        guard rest.count >= 2, rest.first == newline, rest.last == newline else { throw .truncated }
        return String(decoding: rest.dropFirst().dropLast(), as: UTF8.self)
    }

    /// Most significant byte first, signed.
    private mutating func integer(bytes count: Int) throws(ZoneFault) -> Int64 {
        let value = try take(count).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        return Int64(bitPattern: value << (64 - 8 * count)) >> (64 - 8 * count)
    }

    private mutating func take(_ count: Int) throws(ZoneFault) -> ArraySlice<UInt8> {
        guard count <= rest.count else { throw .truncated }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
