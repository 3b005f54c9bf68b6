/// An answer as it came over the socket.
struct HTTPAnswer: Equatable {
    struct Malformed: Error {
        let text: String
    }

    let status: Int
    /// By name in lower case.
    let headers: [String: String]
    let body: String

    /// Reads an answer that the end of the connection ends.
    init(_ bytes: [UInt8]) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.utf8.firstRange(of: "\r\n\r\n".utf8) else { throw Malformed(text: text) }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        guard words.count > 1, words[0] == "HTTP/1.1", let status = Int(words[1]) else { throw Malformed(text: text) }
        self.status = status
        headers = Dictionary(
            lines.dropFirst().map { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                return (parts[0].lowercased(), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
            }, uniquingKeysWith: { first, _ in first })
        body = String(text[end.upperBound...])
    }
}
