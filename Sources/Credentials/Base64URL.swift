/// Base64 with the URL-safe alphabet and no padding (RFC 4648, section 5, as RFC 7515 uses it).
enum Base64URL {
    /// Decodes the one canonical spelling of some bytes.
    ///
    /// nil for anything else: padding, the alphabet with `+` and `/`, white space, a length that encodes no whole
    /// number of bytes, bits left over that are not zero. A lenient reader would let one token be spelt in many ways.
    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        text.withUnsafeBufferPointer { text in
            guard text.count % 4 != 1 else { return nil }
            var isCanonical = true
            let bytes = [UInt8](unsafeUninitializedCapacity: text.count * 3 / 4) { bytes, count in
                isCanonical = decode(text, into: bytes, count: &count)
            }
            return isCanonical ? bytes : nil
        }
    }

    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var bits: UInt32 = 0
        var bitCount = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                text.append(alphabet[Int(bits >> bitCount & 63)])
            }
        }
        if bitCount > 0 {
            text.append(alphabet[Int(bits << (6 - bitCount) & 63)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func decode(
        _ text: UnsafeBufferPointer<UInt8>, into bytes: UnsafeMutableBufferPointer<UInt8>, count: inout Int
    ) -> Bool {
        let values = self.values
        var bits: UInt32 = 0
        var bitCount = 0
        for character in text {
            let value = values[Int(character)]
            guard value < 64 else { return false }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes[count] = UInt8(truncatingIfNeeded: bits >> bitCount)
                count += 1
            }
        }
        return bits & (1 << bitCount - 1) == 0
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// What each byte stands for; 255 for those outside the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() {
            values[Int(character)] = UInt8(value)
        }
        return values
    }()
}
