/// What an operator wants to become of rule versions and outcomes.
public struct Tidying: Equatable, Sendable {
    /// By the byte that stands for it in a frame.
    public enum Action: UInt8, Sendable, CaseIterable {
        /// They leave the lists that people read, and stay counted.
        case hide = 1
        /// They are in those lists again.
        case show = 2
        /// What was recorded of them is counted no more, not even when the journal is counted anew.
        case delete = 3
    }

    /// How many parts one frame holds.
    public static let partsMax = 500

    public let action: Action
    public let parts: [RulePart]

    public init(_ action: Action, _ parts: [RulePart]) {
        self.action = action
        self.parts = parts
    }
}

extension Tidying {
    func encode(into bytes: inout [UInt8]) {
        bytes.append(action.rawValue)
        bytes.append(littleEndian: UInt32(parts.count))
        for part in parts {
            bytes.append(shortText: part.site)
            bytes.append(longText: part.ruleID)
            bytes.append(part.outcomeID == nil ? 0 : 1)
            if let outcomeID = part.outcomeID { bytes.append(longText: outcomeID) }
        }
    }

    init(from reader: inout ByteReader) throws(FrameFault) {
        let code = try reader.frameInteger(UInt8.self)
        guard let action = Action(rawValue: code) else { throw .unknownCode(code) }
        self.action = action
        parts = try ResponderFrame.decodeList(&reader, Self.decodePart)
        guard parts.count <= Self.partsMax else { throw .tooManyParts(parts.count) }
    }

    private static func decodePart(_ reader: inout ByteReader) throws(FrameFault) -> RulePart {
        let site = try reader.frameText(max: Limits.siteBytesMax)
        let ruleID = try reader.frameLongText(max: Limits.ruleIDBytesMax)
        let outcomeID = try reader.frameFlag() ? try reader.frameLongText(max: Limits.outcomeIDBytesMax) : nil
        return RulePart(site: site, ruleID: ruleID, outcomeID: outcomeID)
    }
}
