/// Rows of text below a title, with columns as wide as they need.
struct Table {
    let title: String
    let header: [String]
    var rows: [[String]] = []

    init(_ title: String, _ header: [String]) {
        self.title = title
        self.header = header
    }

    var text: String {
        let lines = ([header] + rows).map { row in
            zip(row, widths).map { cell, width in pad(cell, width) }.joined(separator: "  ")
        }
        return "\(title)\n\n\(lines.joined(separator: "\n"))\n"
    }

    private var widths: [Int] {
        header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    }

    private func pad(_ cell: String, _ width: Int) -> String {
        String(repeating: " ", count: width - cell.count) + cell
    }
}
