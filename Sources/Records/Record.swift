import Glibc

/// One recorded call: what the responder forwards, the journal keeps and the store counts.
public struct Record: Hashable, Sendable {
    public let id: RecordID
    /// When it happened: milliseconds since 1970, UTC.
    public let timeMilliseconds: Int64
    public let subject: Subject
    public let names: RecordNames

    public var site: String { names.site }
    public var event: Event { names.event }

    public init(id: RecordID, timeMilliseconds: Int64, subject: Subject, names: RecordNames) {
        self.id = id
        self.timeMilliseconds = timeMilliseconds
        self.subject = subject
        self.names = names
    }

    public init(id: RecordID, timeMilliseconds: Int64, subject: Subject, site: String, event: Event) {
        self.init(
            id: id, timeMilliseconds: timeMilliseconds, subject: subject, names: RecordNames(site: site, event: event))
    }
}

/// What a record names: a site, and what a visitor met or did there. Many records name the same, and share it.
public final class RecordNames: Sendable {
    public let site: String
    public let event: Event
    /// What every record has that names the same: its kind, and what stands in it from the site on.
    let kind: UInt8
    let encoded: [UInt8]

    /// The texts are within ``Limits``, which whoever makes the record has checked.
    public init(site: String, event: Event) {
        self.site = site
        self.event = event
        kind = Record.kind(of: event)
        encoded = Record.encodeNames(site: site, event: event)
    }
}

extension RecordNames: Hashable {
    public static func == (left: RecordNames, right: RecordNames) -> Bool {
        left === right || (left.site == right.site && left.event == right.event)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(site)
        hasher.combine(event)
    }
}

/// What a visitor met or did.
public enum Event: Hashable, Sendable {
    case exposure(Exposure)
    case conversion(Conversion)

    public var ruleID: String {
        switch self {
        case .exposure(let exposure): exposure.ruleID
        case .conversion(let conversion): conversion.ruleID
        }
    }

    public var outcomeID: String {
        switch self {
        case .exposure(let exposure): exposure.outcomeID
        case .conversion(let conversion): conversion.outcomeID
        }
    }

    /// The conversion's name; nil for an exposure.
    public var conversionName: String? {
        switch self {
        case .exposure: nil
        case .conversion(let conversion): conversion.name
        }
    }
}

/// An outcome that a visitor was shown.
public struct Exposure: Hashable, Sendable {
    /// The id of one version of a rule, opaque: `article-22`.
    public let ruleID: String
    /// The outcome that was shown, opaque, usually a path through the rule: `graph/1#1,graph/1#2`.
    public let outcomeID: String

    public init(ruleID: String, outcomeID: String) {
        self.ruleID = ruleID
        self.outcomeID = outcomeID
    }
}

/// What a visitor did after being shown an outcome.
public struct Conversion: Hashable, Sendable {
    /// The id of one version of a rule, opaque: `article-22`.
    public let ruleID: String
    /// The outcome that was shown, opaque, usually a path through the rule: `graph/1#1,graph/1#2`.
    public let outcomeID: String
    /// What was done: `REGISTERED`, `CUSTOMER`, or any name of the site's own.
    public let name: String

    public init(ruleID: String, outcomeID: String, name: String) {
        self.ruleID = ruleID
        self.outcomeID = outcomeID
        self.name = name
    }
}

/// A record's id: 16 bytes, nginx's `$request_id`, the same across nginx's retries of one request.
public struct RecordID: Hashable, Sendable {
    public let value: UInt128

    public init(_ value: UInt128) {
        self.value = value
    }

    /// The same of a text.
    public init?(hex: String) {
        self.init(hex: hex.utf8)
    }

    /// Reads the 32 hexadecimal digits that nginx's `$request_id` consists of; nil when `hex` is anything else.
    @inlinable
    public init?(hex: some Collection<UInt8>) {
        guard hex.count == 32 else { return nil }
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        for byte in hex {
            guard let digit = byte.hexDigit else { return nil }
            halves = (halves.high << 4 | halves.low >> 60, halves.low << 4 | UInt64(digit))
        }
        value = UInt128(halves.high) << 64 | UInt128(halves.low)
    }

    /// An id of our own making, for a request that came without one.
    public static func random() -> RecordID {
        RecordID(UInt128.random(in: .min ... .max))
    }
}

extension UInt8 {
    /// What it stands for as a hexadecimal digit in ASCII; nil for any other byte.
    @inlinable
    public var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// The time of day, for records.
public enum WallClock {
    /// Milliseconds since 1970, UTC.
    public static func nowMilliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
