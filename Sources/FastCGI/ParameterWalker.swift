/// Walks a stream of FastCGI name-value pairs (FastCGI 1.0, section 3.4), handed over in pieces, for their lengths.
///
/// libfcgi asserts that lengths are sane, and an assertion ends the process; so they are looked at before it does.
struct ParameterWalker {
    /// The bytes of names and values so far, those announced included.
    private(set) var announcedBytes = 0

    /// Bytes of the current pair's name and value that are still to come.
    private var pending = 0
    /// The length that is being read, and how many of its bytes are still to come.
    private var length = 0
    private var lengthBytesPending = 0
    /// The current pair's name length, once it is read.
    private var nameLength: Int?

    /// Whether the stream may end here.
    var isAtPairBoundary: Bool {
        pending == 0 && lengthBytesPending == 0 && nameLength == nil
    }

    /// Goes on with the next piece of the stream.
    mutating func walk(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        while index < bytes.count {
            if pending > 0 {
                let count = min(pending, bytes.count - index)
                pending -= count
                index += count
            } else {
                take(lengthByte: Int(bytes[index]))
                index += 1
            }
        }
    }

    /// A length is one byte, or four when the first has its highest bit set.
    private mutating func take(lengthByte byte: Int) {
        if lengthBytesPending > 0 {
            length = length << 8 | byte
            lengthBytesPending -= 1
        } else if byte & 0x80 != 0 {
            length = byte & 0x7F
            lengthBytesPending = 3
        } else {
            length = byte
        }
        if lengthBytesPending == 0 { finishLength() }
    }

    private mutating func finishLength() {
        guard let name = nameLength else {
            nameLength = length
            return
        }
        nameLength = nil
        pending = name + length
        announcedBytes += pending
    }
}
