import Records

extension TallyEntry {
    func encode(into bytes: inout [UInt8]) {
        bytes.append(shortText: kind.site)
        bytes.append(kind.door?.rawValue ?? 0)
        bytes.append(littleEndian: kind.status)
        bytes.append(shortText: kind.reason)
        bytes.append(kind.outcome == nil ? 0 : 1)
        if let outcome = kind.outcome {
            for text in [outcome.ruleID, outcome.outcomeID] {
                bytes.append(littleEndian: UInt16(text.utf8.count))
                bytes.append(contentsOf: text.utf8)
            }
        }
        bytes.append(littleEndian: count)
    }

    /// Reads an entry of `answers`.
    init(from reader: inout ByteReader) throws(FrameFault) {
        let site = try reader.frameText(max: Limits.siteBytesMax)
        let door = try Self.decodeDoor(&reader)
        let status = try reader.frameInteger(UInt16.self)
        let reason = try reader.frameText(max: Self.reasonBytesMax)
        let outcome = try Self.decodeOutcome(&reader)
        let kind = Kind(site: site, door: door, status: status, reason: reason, outcome: outcome)
        self.init(kind: kind, count: try reader.frameInteger())
    }

    /// Reads an entry of `tally`.
    init(fromVersion2 reader: inout ByteReader) throws(FrameFault) {
        let site = try reader.frameText(max: Limits.siteBytesMax)
        let status = try reader.frameInteger(UInt16.self)
        let reason = try reader.frameText(max: Self.reasonBytesMax)
        self.init(kind: Kind(site: site, status: status, reason: reason), count: try reader.frameInteger())
    }

    private static func decodeDoor(_ reader: inout ByteReader) throws(FrameFault) -> Door? {
        let code = try reader.frameInteger(UInt8.self)
        guard code != 0 else { return nil }
        guard let door = Door(rawValue: code) else { throw .unknownCode(code) }
        return door
    }

    private static func decodeOutcome(_ reader: inout ByteReader) throws(FrameFault) -> Outcome? {
        switch try reader.frameInteger(UInt8.self) {
        case 0:
            return nil
        case 1:
            return Outcome(
                ruleID: try reader.frameLongText(max: Limits.ruleIDBytesMax),
                outcomeID: try reader.frameLongText(max: Limits.outcomeIDBytesMax))
        case let code:
            throw .unknownCode(code)
        }
    }
}
