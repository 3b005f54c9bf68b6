import FoundationEssentials

extension ReportTable {
    /// One JSON object a line for each row, its members named after the columns and in their order.
    public var ndjson: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let names = columns.map { Self.encode($0, encoder) }
        return rows.map { row in
            let members = zip(names, row).map { "\($0):\(Self.encode($1, encoder))" }
            return "{\(members.joined(separator: ","))}\n"
        }.joined()
    }

    private static func encode(_ cell: Cell, _ encoder: JSONEncoder) -> String {
        switch cell {
        case .number(let number): number.map { "\($0)" } ?? "null"
        case .decimal(let number): number.map { "\($0)" } ?? "null"
        case .text(let text): text.map { encode($0, encoder) } ?? "null"
        }
    }

    private static func encode(_ text: String, _ encoder: JSONEncoder) -> String {
        // A string can always be encoded.
        (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }
}
