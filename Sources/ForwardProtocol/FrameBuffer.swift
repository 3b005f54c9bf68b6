/// Collects bytes as they arrive and gives them back frame by frame.
public struct FrameBuffer {
    private static let lengthBytes = 4

    private var bytes: [UInt8] = []
    private var start = 0

    public init() {}

    public mutating func append(_ arrived: UnsafeRawBufferPointer) {
        if start > 0 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(contentsOf: arrived)
    }

    /// Calls `body` with the next frame, its length stripped; nil when it is not all there yet.
    public mutating func next<Frame>(
        _ body: (UnsafeRawBufferPointer) throws(FrameFault) -> Frame
    ) throws(FrameFault) -> Frame? {
        guard let length = pendingLength() else { return nil }
        guard length > 0 else { throw .empty }
        guard length <= ForwardProtocol.frameBytesMax else { throw .tooLong(bytes: length) }
        let first = start + Self.lengthBytes
        guard bytes.count >= first + length else { return nil }
        start = first + length
        return try bytes.withUnsafeBytes { bytes in
            Result { () throws(FrameFault) in
                try body(UnsafeRawBufferPointer(rebasing: bytes[first..<first + length]))
            }
        }.get()
    }

    private func pendingLength() -> Int? {
        guard bytes.count - start >= Self.lengthBytes else { return nil }
        return bytes.withUnsafeBytes {
            Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
        }
    }
}
