import Records

/// Encodes one frame: its length, its type, and what `body` appends.
func encodeFrame(_ type: FrameType, _ body: (inout [UInt8]) -> Void = { _ in }) -> [UInt8] {
    var bytes: [UInt8] = [0, 0, 0, 0, type.rawValue]
    body(&bytes)
    let length = UInt32(bytes.count - 4)
    for index in 0..<4 {
        bytes[index] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(index)))
    }
    return bytes
}

extension [UInt8] {
    /// Appends a text as one byte of length and its UTF-8, cut to what that length can say, between characters.
    mutating func append(shortText text: String) {
        var count = 0
        for scalar in text.unicodeScalars {
            let width = UTF8.width(scalar)
            guard count + width <= Int(UInt8.max) else { break }
            count += width
        }
        append(UInt8(count))
        append(contentsOf: text.utf8.prefix(count))
    }
}
