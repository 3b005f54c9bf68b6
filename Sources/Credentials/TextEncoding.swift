import ConfigurationFile

/// How the text of a key file is written, as editors and shells of different systems write it.
enum TextEncoding {
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    static func hasByteOrderMark(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: byteOrderMark)
    }

    /// The bytes behind UTF-8's byte order mark, where they begin with one.
    static func withoutByteOrderMark(_ bytes: [UInt8]) -> [UInt8] {
        hasByteOrderMark(bytes) ? Array(bytes.dropFirst(byteOrderMark.count)) : bytes
    }

    /// Whether the bytes are UTF-16 of either order whose characters are Latin ones, so that every other byte is zero.
    static func isUTF16(_ bytes: [UInt8]) -> Bool {
        let isMarked = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        let units = isMarked ? bytes.dropFirst(2) : bytes[...]
        guard units.count >= 2, units.count.isMultiple(of: 2) else { return false }
        return [0, 1].contains { place in
            units.enumerated().allSatisfy { ($0.offset % 2 == place) == ($0.element == 0) }
        }
    }

    /// Whether the bytes are UTF-8 without control characters but line ends and tabs, which random bytes hardly ever are.
    static func isText(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) }
            && String(validating: bytes, as: UTF8.self) != nil
    }
}

extension KeyFile {
    /// What of the form of the text is part of the secret in this file, though whoever copies it elsewhere easily leaves
    /// it out: white space at the end, a byte order mark, the zeros of UTF-16. The newline that ends a line is no such.
    ///
    /// - Parameter advice: What to do about it.
    func textWarnings(of contents: [UInt8], advice: String) -> [ConfigurationError] {
        if TextEncoding.isUTF16(contents) {
            return [error("holds UTF-16, whose every other byte is zero and counts as part of the secret. \(advice)")]
        }
        var warnings: [ConfigurationError] = []
        if TextEncoding.hasByteOrderMark(contents) {
            warnings.append(error("begins with a byte order mark, which counts as part of the secret. \(advice)"))
        }
        guard TextEncoding.isText(contents) else { return warnings }
        if contents.suffix(2).elementsEqual("\r\n".utf8) {
            warnings.append(error("ends in CR LF, and the CR counts as part of the secret. \(advice)"))
        } else if let last = contents.dropLast(contents.last == UInt8(ascii: "\n") ? 1 : 0).last, last <= 0x20 {
            warnings.append(error("has white space at its end, which counts as part of the secret. \(advice)"))
        }
        return warnings
    }
}
