import FoundationEssentials

/// The text of a form, as it stands in an address: names and values in which a space is a plus.
///
/// Source: the URL standard of the WHATWG, section 5.1 (application/x-www-form-urlencoded).
public enum FormText {
    /// In their order. Bytes that are no UTF-8 become U+FFFD.
    public static func pairs(_ text: String) -> [(name: String, value: String)] {
        text.utf8.split(separator: UInt8(ascii: "&")).map { part in
            let sides = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (decode(sides[0]), sides.count > 1 ? decode(sides[1]) : "")
        }
    }

    private static func decode(_ text: Substring.UTF8View) -> String {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let decoded = UInt8(hex: rest.prefix(2)) {
                bytes.append(decoded)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    /// nil for anything but two hexadecimal digits.
    fileprivate init?(hex: Substring.UTF8View) {
        let digits = hex.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == 2 else { return nil }
        self = UInt8(digits[0] * 16 + digits[1])
    }
}
