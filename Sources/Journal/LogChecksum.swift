/// The running checksum of SQLite's log: two sums of 32 bits over the bytes' words, each added to the other.
///
/// Source: https://www.sqlite.org/fileformat2.html#checksum_algorithm
struct LogChecksum {
    private var first: UInt32 = 0
    private var second: UInt32 = 0
    /// The order of the bytes in a word, which the log's magic number tells.
    private let wordsAreBigEndian: Bool

    init(wordsAreBigEndian: Bool) {
        self.wordsAreBigEndian = wordsAreBigEndian
    }

    /// Both sums, the first in the higher half, as a header that holds them reads.
    var value: UInt64 {
        get { UInt64(first) << 32 | UInt64(second) }
        set { (first, second) = (UInt32(newValue >> 32), UInt32(truncatingIfNeeded: newValue)) }
    }

    /// Adds bytes, a multiple of 8 of them.
    mutating func add(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { bytes in
            for offset in stride(from: 0, to: bytes.count - 7, by: 8) {
                first = first &+ word(bytes, at: offset) &+ second
                second = second &+ word(bytes, at: offset + 4) &+ first
            }
        }
    }

    private func word(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
        let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return wordsAreBigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
    }
}

extension [UInt8] {
    func bigEndian32(at offset: Int) -> UInt32 {
        UInt32(bigEndianBytes: self[offset..<offset + 4])
    }

    func bigEndian64(at offset: Int) -> UInt64 {
        UInt64(bigEndianBytes: self[offset..<offset + 8])
    }
}
