import JSON
import Records

/// What a request's body asks to record.
struct Submission: Sendable {
    let first: Event
    /// What an array has after the first.
    let rest: [Event]
    /// Whether it is an array, if only of one: up to ``Limits/exposuresPerRequestMax`` exposures.
    let isArray: Bool

    /// Reads the body `{"ruleId", "outcomeId"}`, for a conversion with `"conversion"`, or an array of the first kind for
    /// exposures; members beyond these are ignored.
    init(json bytes: UnsafeRawBufferPointer, isConversion: Bool) throws(Refusal) {
        isArray = !isConversion && Self.beginsArray(bytes)
        guard isArray else {
            first = try Event(json: bytes, isConversion: isConversion)
            rest = []
            return
        }
        let exposures = try Self.exposures(bytes)
        guard let first = exposures.first else { throw .noExposures }
        self.first = first
        rest = Array(exposures.dropFirst())
    }

    var events: [Event] { [first] + rest }

    private static func beginsArray(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D } == UInt8(ascii: "[")
    }

    private static func exposures(_ bytes: UnsafeRawBufferPointer) throws(Refusal) -> [Event] {
        let array: JSONArray
        do {
            // One deeper than an object by itself, for the array around.
            array = try JSONArray(parsing: bytes, depthMax: Limits.jsonDepthMax + 1)
        } catch {
            throw .body(error, shape: "array")
        }
        guard array.count <= Limits.exposuresPerRequestMax else { throw .tooManyExposures(array.count) }
        var events: [Event] = []
        for (index, element) in array.enumerated() {
            guard case .object(let object) = element else { throw .field("[\(index)]", "is not an object") }
            events.append(.exposure(try Exposure(object, path: "[\(index)].")))
        }
        return events
    }
}

extension Event {
    fileprivate init(json bytes: UnsafeRawBufferPointer, isConversion: Bool) throws(Refusal) {
        let object: JSONObject
        do {
            object = try JSONObject(parsing: bytes, depthMax: Limits.jsonDepthMax)
        } catch {
            throw .body(error, shape: "object")
        }
        try self.init(object, isConversion: isConversion)
    }

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
