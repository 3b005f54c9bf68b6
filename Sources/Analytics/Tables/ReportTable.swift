/// A table of a report, to be written in one of the forms that programs read.
public struct ReportTable: Sendable {
    public enum Cell: Sendable {
        /// Text from anywhere.
        case text(String?)
        /// Empty, or null, where there is none.
        case number(Int?)
        /// As many digits as it takes to read the same number again; empty, or null, where there is none.
        case decimal(Double?)
    }

    public let columns: [String]
    public private(set) var rows: [[Cell]] = []

    public init(columns: [String]) {
        self.columns = columns
    }

    /// `cells` are as many as there are columns.
    public mutating func append(_ cells: [Cell]) {
        rows.append(cells)
    }
}
