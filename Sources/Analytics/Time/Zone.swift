import Glibc

/// A time zone of the system's tz database, or UTC, which needs none.
public struct Zone: Sendable, Equatable {
    /// Where the package tzdata puts the database.
    public static let directory = "/usr/share/zoneinfo"
    public static let utc = Zone(name: "UTC", clock: ZoneClock(offsetSeconds: 0))

    /// The greatest file is a tenth of that.
    private static let fileBytesMax = 1 << 16

    /// As the tz database has it: `Europe/Berlin`.
    public let name: String
    private let clock: ZoneClock

    /// The zone of a name, nil for UTC. It is read from its file, so that what an upgrade of tzdata brings holds at once.
    public init(_ name: String?, in directory: String = Self.directory) throws(ReportFault) {
        guard let name, name != Self.utc.name else {
            self = .utc
            return
        }
        guard Self.isName(name) else { throw .timeZone(name) }
        guard let bytes = Self.read("\(directory)/\(name)") else {
            throw access(directory, X_OK) == 0 ? .timeZone(name) : .noTimeZones(name, directory)
        }
        do throws(ZoneFault) {
            self.init(name: name, clock: try ZoneClock(file: bytes))
        } catch {
            throw .unreadableTimeZone(name, directory, error)
        }
    }

    private init(name: String, clock: ZoneClock) {
        self.name = name
        self.clock = clock
    }

    /// What is added to UTC, `seconds` after the start of 1970, UTC.
    public func offsetSeconds(at seconds: Int64) -> Int64 {
        clock.offsetSeconds(at: seconds)
    }

    /// One for each time of day that many people live by, from west to east.
    private static let common = [
        "Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver", "America/Mexico_City",
        "America/Chicago", "America/Bogota", "America/New_York", "America/Halifax", "America/Sao_Paulo",
        "Europe/London", "Africa/Lagos", "Europe/Berlin", "Europe/Paris", "Africa/Cairo", "Africa/Johannesburg",
        "Europe/Athens", "Europe/Kyiv", "Europe/Istanbul", "Asia/Dubai", "Asia/Karachi", "Asia/Kolkata",
        "Asia/Dhaka", "Asia/Bangkok", "Asia/Singapore", "Asia/Shanghai", "Asia/Seoul", "Asia/Tokyo",
        "Australia/Sydney", "Pacific/Auckland",
    ]

    /// UTC, and a short list of zones for people to choose from, those of them that the directory has.
    public static func choices(in directory: String = Self.directory) -> [String] {
        [utc.name] + common.filter { access("\(directory)/\($0)", R_OK) == 0 }
    }

    /// Every name in the database is of that form, and nothing else in the directory is: other files and directories
    /// begin with a small letter or have a dot.
    private static func isName(_ name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "/_+-".utf8.contains(byte)
            }
        }
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return isPlain && name.utf8.count <= 64 && parts.allSatisfy { !$0.isEmpty }
            && name.utf8.first.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) } == true
    }

    /// The bytes of a plain file; nil where there is none, or one that is too long.
    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= fileBytesMax
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return count == bytes.count ? bytes : nil
    }
}

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
