import Records

/// How a responder is doing, at one moment. Informative: never part of what is counted.
public struct ResponderStatus: Equatable, Sendable {
    /// What a responder tells of itself, by the byte that stands for it in a frame.
    public enum Figure: UInt8, Sendable, CaseIterable {
        /// Records that wait for the aggregator's answer, or to be sent.
        case recordsInFlight = 1
        /// Connections from nginx that are open.
        case connections = 2
        /// How often the configuration was read again since the start, and how often that failed.
        case reloads = 3
        case reloadsFailed = 4
    }

    /// The responder's time of day: milliseconds since 1970, UTC.
    public let timeMilliseconds: Int64
    /// By code, those of later versions among them, which are not known here.
    private let values: [UInt8: UInt64]

    public init(timeMilliseconds: Int64, figures: [Figure: UInt64]) {
        self.timeMilliseconds = timeMilliseconds
        values = Dictionary(uniqueKeysWithValues: figures.map { ($0.key.rawValue, $0.value) })
    }

    /// nil when the responder did not tell.
    public subscript(figure: Figure) -> UInt64? {
        values[figure.rawValue]
    }
}

extension ResponderStatus {
    func encode(into bytes: inout [UInt8]) {
        bytes.append(littleEndian: timeMilliseconds)
        bytes.append(UInt8(values.count))
        for (code, value) in values.sorted(by: { $0.key < $1.key }) {
            bytes.append(code)
            bytes.append(littleEndian: value)
        }
    }

    /// Figures come in rising order, so that none comes twice.
    init(from reader: inout ByteReader) throws(FrameFault) {
        timeMilliseconds = try reader.frameInteger()
        var values: [UInt8: UInt64] = [:]
        var last: UInt8?
        for _ in 0..<(try reader.frameInteger(UInt8.self)) {
            let code = try reader.frameInteger(UInt8.self)
            if let last, code <= last { throw .figureOrder }
            values[code] = try reader.frameInteger()
            last = code
        }
        self.values = values
    }
}
