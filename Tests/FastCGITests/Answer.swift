/// What a FastCGI server answered to one request.
struct Answer {
    private(set) var requestID: Int?
    private(set) var output: [UInt8] = []
    private(set) var errors: [UInt8] = []
    private(set) var isEnded = false

    /// Takes in the next record.
    mutating func take(header: [UInt8], content: [UInt8]) throws {
        let id = Int(header[2]) << 8 | Int(header[3])
        guard header[0] == 1 else { throw TestFailure("a record of version \(header[0])") }
        guard requestID == nil || requestID == id else { throw TestFailure("a record of another request") }
        requestID = id
        switch header[1] {
        case Wire.RecordType.output: output += content
        case Wire.RecordType.errors: errors += content
        case Wire.RecordType.end:
            guard content == [UInt8](repeating: 0, count: 8) else {
                throw TestFailure("a request that did not end well")
            }
            isEnded = true
        default: throw TestFailure("a record of type \(header[1])")
        }
    }

    /// The output's first line without its name.
    var status: String? {
        lines.first.flatMap { $0.hasPrefix("Status: ") ? String($0.dropFirst(8)) : nil }
    }

    func header(_ name: String) -> String? {
        lines.first { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
    }

    var body: String {
        let text = String(decoding: output, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return "" }
        return String(text[end.upperBound...])
    }

    private var lines: [Substring] {
        String(decoding: output, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
    }
}
