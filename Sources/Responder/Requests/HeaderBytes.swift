import FastCGI
import Glibc

/// Bytes of a request, where they lie. They go with the request: what is to last longer is copied.
typealias Bytes = Slice<UnsafeRawBufferPointer>

/// What headers are compared and cut by, without a detour over strings.
extension BidirectionalCollection<UInt8> where SubSequence == Self {
    /// Without the spaces and tabs around it.
    var trimmingSpaces: Self {
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        guard let last = lastIndex(where: { !isSpace($0) }) else { return self[startIndex..<startIndex] }
        return self[...last].drop(while: isSpace)
    }

    /// Whether it reads `text`, which is in lower case, in any mixture of cases.
    func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        var expected = text.utf8Start
        for byte in self {
            guard byte.asciiLowercased == expected.pointee else { return false }
            expected += 1
        }
        return true
    }
}

extension Bytes {
    /// As text; what is not UTF-8 is replaced.
    var text: String { String(decoding: UnsafeRawBufferPointer(rebasing: self), as: UTF8.self) }

    func reads(_ text: StaticString) -> Bool {
        UnsafeRawBufferPointer(rebasing: self).reads(text)
    }

    func reads(_ text: String) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { expected in
            guard count == expected.count, let first = UnsafeRawBufferPointer(rebasing: self).baseAddress,
                let second = expected.baseAddress
            else { return count == expected.count }
            return memcmp(first, second, count) == 0
        } ?? elementsEqual(text.utf8)
    }
}

extension UInt8 {
    /// Whether a header's name may have it (RFC 9110, section 5.6.2).
    var isTokenByte: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "^")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.|~".utf8.contains(self)
        }
    }

    var asciiLowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}
