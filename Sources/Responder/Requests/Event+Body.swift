import JSON
import Records

extension Event {
    /// Reads the body `{"ruleId", "outcomeId"}`, and for a conversion `"conversion"`; members beyond these are ignored.
    init(json bytes: [UInt8], isConversion: Bool) throws(Refusal) {
        let object: JSONObject
        do {
            object = try JSONObject(parsing: bytes, depthMax: Limits.jsonDepthMax)
        } catch {
            throw .body(error)
        }
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
    init(_ object: JSONObject) throws(Refusal) {
        self.init(
            ruleID: try object.field("ruleId", bytesMax: Limits.ruleIDBytesMax),
            outcomeID: try object.field("outcomeId", bytesMax: Limits.outcomeIDBytesMax))
    }
}

extension JSONObject {
    fileprivate func field(_ name: String, bytesMax: Int) throws(Refusal) -> String {
        guard let value = self[name] else { throw .field(name, "is missing; it is a string") }
        guard case .string(let text) = value else { throw .field(name, "is not a string") }
        guard !text.isEmpty else { throw .field(name, "is empty") }
        guard text.utf8.count <= bytesMax else { throw .field(name, "is over \(bytesMax) bytes") }
        guard !text.unicodeScalars.contains(where: \.isControl) else {
            throw .field(name, "holds a control character")
        }
        return text
    }
}
