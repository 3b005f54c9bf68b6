import JSON
import Records
import Synchronization

/// What a request's body asks to record at a site. It may be shared by requests, and holds nothing of their visitors.
final class Submission: Sendable {
    /// One event, with what all requests have in common that ask for it.
    struct Item: Sendable {
        let names: RecordNames
        /// Counts those that are recorded.
        let recorded: TallyCounter

        var event: Event { names.event }

        fileprivate init(_ event: Event, site: String, door: Door) {
            names = RecordNames(site: site, event: event)
            recorded = TallyCounter(Answer.recorded.tallyKind(site: site, door: door, event: event, isDryRun: false))
        }
    }

    let first: Item
    /// What an array has after the first.
    private let rest: [Item]
    /// Whether it is an array, if only of one: up to ``Limits/exposuresPerRequestMax`` exposures.
    let isArray: Bool
    /// Whether the body says nothing else. What further members say, of a visitor perhaps, is not to be kept.
    let isAll: Bool

    /// Reads the body `{"ruleId", "outcomeId"}`, for a conversion with `"conversion"`, or an array of the first kind for
    /// exposures; members beyond these are ignored.
    init(json bytes: UnsafeRawBufferPointer, site: String, door: Door) throws(Refusal) {
        let isConversion = door == .conversions
        isArray = !isConversion && Self.beginsArray(bytes)
        var items: [Item] = []
        var isAll = true
        func add(_ object: JSONObject, _ event: Event) {
            items.append(Item(event, site: site, door: door))
            if object.count > (isConversion ? 3 : 2) { isAll = false }
        }
        if isArray {
            for (index, element) in try JSONArray(body: bytes).enumerated() {
                guard case .object(let object) = element else { throw .field("[\(index)]", "is not an object") }
                add(object, .exposure(try Exposure(object, path: "[\(index)].")))
            }
        } else {
            let object = try JSONObject(body: bytes)
            add(object, try Event(object, isConversion: isConversion))
        }
        guard let first = items.first else { throw .noExposures }
        self.first = first
        rest = Array(items.dropFirst())
        self.isAll = isAll
    }

    var items: [Item] { [first] + rest }
    var events: [Event] { items.map(\.event) }

    private static func beginsArray(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D } == UInt8(ascii: "[")
    }
}

extension JSONArray {
    fileprivate init(body bytes: UnsafeRawBufferPointer) throws(Refusal) {
        do {
            // One deeper than an object by itself, for the array around.
            try self.init(parsing: bytes, depthMax: Limits.jsonDepthMax + 1)
        } catch {
            throw .body(error, shape: "array")
        }
        guard count <= Limits.exposuresPerRequestMax else { throw .tooManyExposures(count) }
    }
}

extension Event {
    /// Reads the members `ruleId` and `outcomeId`, and for a conversion `conversion`.
    init(_ object: JSONObject, isConversion: Bool) throws(Refusal) {
        let exposure = try Exposure(object)
        guard isConversion else {
            self = .exposure(exposure)
            return
        }
        let name = try object.field("conversion", bytesMax: Limits.conversionBytesMax)
        self = .conversion(Conversion(ruleID: exposure.ruleID, outcomeID: exposure.outcomeID, name: name))
    }
}

extension Exposure {
    /// Reads the members `ruleId` and `outcomeId`.
    ///
    /// - Parameter path: where the object stands, for what a refusal calls the member.
    init(_ object: JSONObject, path: String = "") throws(Refusal) {
        self.init(
            ruleID: try object.field("ruleId", at: path, bytesMax: Limits.ruleIDBytesMax),
            outcomeID: try object.field("outcomeId", at: path, bytesMax: Limits.outcomeIDBytesMax))
    }
}

extension JSONObject {
    fileprivate init(body bytes: UnsafeRawBufferPointer) throws(Refusal) {
        do {
            try self.init(parsing: bytes, depthMax: Limits.jsonDepthMax)
        } catch {
            throw .body(error, shape: "object")
        }
    }

    fileprivate func field(_ name: String, at path: String = "", bytesMax: Int) throws(Refusal) -> String {
        guard let value = self[name] else { throw .field(path + name, "is missing; it is a string") }
        guard case .string(let text) = value else { throw .field(path + name, "is not a string") }
        guard !text.isEmpty else { throw .field(path + name, "is empty") }
        guard text.utf8.count <= bytesMax else { throw .field(path + name, "is over \(bytesMax) bytes") }
        guard text.isPlain || !text.unicodeScalars.contains(where: \.isControl) else {
            throw .field(path + name, "holds a control character")
        }
        return text
    }
}

extension String {
    /// Whether it is printable ASCII alone, as most ids are, which the bytes show.
    fileprivate var isPlain: Bool {
        var text = self
        return text.withUTF8 { $0.allSatisfy { 0x20..<0x7F ~= $0 } }
    }
}

/// The submissions of late, by the bytes that they were read from. A page's script sends the same bytes for every visitor, so
/// most requests find theirs here: a third of the responder's instructions was to read it, and to encode and count its names.
///
/// There is a place for each in one of ``setsMax`` sets by its hash, which nobody outside can foresee, and each set has room for
/// two. Who sends ever new bytes makes others be read again, as all were, and takes no more memory. A body that says anything
/// else is not kept, since that may be of its visitor; and with a reload all are forgotten.
final class RememberedSubmissions: Sendable {
    fileprivate struct Entry: Sendable {
        let bytes: [UInt8]
        let site: Site
        let door: Door
        let submission: Submission
    }

    fileprivate struct Set {
        var latest: Entry?
        var other: Entry?
    }

    private struct State {
        var sets = Array(repeating: Set(), count: RememberedSubmissions.setsMax)
        /// Of the sites that they are at.
        var generation = 0
    }

    private static let setsMax = 512
    /// Longer ones are rare, and read each time.
    private static let bytesMax = 1024

    private let state = Mutex(State())

    /// The submission that a body asks for, read anew only where it is not known.
    func submission(
        json bytes: UnsafeRawBufferPointer, at named: SiteDirectory.Entry, door: Door
    ) throws(Refusal) -> Submission {
        guard bytes.count <= Self.bytesMax else { return try Submission(json: bytes, site: named.name, door: door) }
        var hasher = Hasher()
        hasher.combine(bytes: bytes)
        let place = hasher.finalize() & (Self.setsMax - 1)
        let known = state.withLock { state in
            if state.generation != named.generation { state = State(generation: named.generation) }
            return state.sets[place].find { $0.isOf(bytes, named.site, door) }
        }
        if let known { return known }
        let submission = try Submission(json: bytes, site: named.name, door: door)
        if submission.isAll {
            let entry = Entry(bytes: Array(bytes), site: named.site, door: door, submission: submission)
            state.withLock { $0.sets[place].add(entry) }
        }
        return submission
    }
}

extension RememberedSubmissions.Entry {
    fileprivate func isOf(_ bytes: UnsafeRawBufferPointer, _ site: Site, _ door: Door) -> Bool {
        self.site === site && self.door == door && self.bytes.withUnsafeBytes { $0.hasBytes(of: bytes) }
    }
}

extension RememberedSubmissions.Set {
    fileprivate mutating func find(_ isWanted: (RememberedSubmissions.Entry) -> Bool) -> Submission? {
        if let latest, isWanted(latest) { return latest.submission }
        guard let other, isWanted(other) else { return nil }
        swap(&latest, &self.other)
        return other.submission
    }

    fileprivate mutating func add(_ entry: RememberedSubmissions.Entry) {
        other = latest
        latest = entry
    }
}
