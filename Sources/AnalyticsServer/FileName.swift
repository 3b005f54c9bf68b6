import Analytics

/// The name under which an answer is to be saved. Ids and names are anything, and file systems are particular.
struct FileName {
    /// File systems allow for 255.
    private static let bytesMax = 200

    private let text: String

    /// - Parameters:
    ///   - parts: what the name tells, in order.
    ///   - suffix: without its dot.
    init(_ parts: [String], suffix: String) {
        let cleaned = parts.joined(separator: "-").unicodeScalars.map { scalar in
            let isPlain = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            return isPlain || "._-".unicodeScalars.contains(scalar) ? Character(scalar) : "-"
        }
        // A name that begins with a dot is hidden, or a directory.
        var visible = String(cleaned.drop { $0 == "." || $0 == "-" })
        while visible.utf8.count > Self.bytesMax { visible.removeLast() }
        text = (visible.isEmpty ? "export" : visible) + "." + suffix
    }

    /// As the parameters of `Content-Disposition`: in ASCII, and as it is (RFC 6266, section 4.3).
    var parameters: String {
        let ascii = String(text.map { $0.isASCII ? $0 : "-" })
        guard ascii != text else { return "filename=\"\(ascii)\"" }
        return "filename=\"\(ascii)\"; filename*=UTF-8''\(text.percentEncoded)"
    }
}
