import Records
import TestSupport
import Testing

@Suite("Collecting frames from what arrives")
struct FrameBufferTests {
    /// Frames of several types and lengths, one after the other.
    private static let stream = SampleFrames.aggregatorFrames.flatMap { $0.encoded() }

    @Test("frames come out whole however they are cut in two", arguments: 0...stream.count)
    func cutInTwo(cut: Int) throws {
        let frames = try collect([Array(Self.stream.prefix(cut)), Array(Self.stream.dropFirst(cut))])
        #expect(frames == SampleFrames.aggregatorFrames)
    }

    @Test("frames come out whole when they arrive byte by byte")
    func byteByByte() throws {
        #expect(try collect(Self.stream.map { [$0] }) == SampleFrames.aggregatorFrames)
    }

    @Test("frames come out whole however they are cut", arguments: 1...20 as ClosedRange<UInt64>)
    func randomCuts(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let frames = (0..<200).map { _ in
            SampleFrames.aggregatorFrames[Int.random(in: SampleFrames.aggregatorFrames.indices, using: &random)]
        }
        var rest = frames.flatMap { $0.encoded() }[...]
        var pieces: [[UInt8]] = []
        while !rest.isEmpty {
            pieces.append(Array(rest.prefix(Int.random(in: 0...100, using: &random))))
            rest = rest.dropFirst(pieces[pieces.count - 1].count)
        }
        #expect(try collect(pieces) == frames, "seed \(seed)")
    }

    @Test("there is no frame before its last byte")
    func incomplete() throws {
        let frame = AggregatorFrame.committed(1).encoded()
        var buffer = FrameBuffer()
        for byte in frame.dropLast() {
            append([byte], to: &buffer)
            #expect(try next(in: &buffer) == nil)
        }
        append(Array(frame.suffix(1)), to: &buffer)
        #expect(try next(in: &buffer) == .committed(1))
        #expect(try next(in: &buffer) == nil)
    }

    @Test(
        "a frame over the limit is refused as soon as its length is there",
        arguments: [ForwardProtocol.frameBytesMax + 1, Int(Int32.max), Int(UInt32.max)])
    func tooLong(length: Int) {
        var buffer = FrameBuffer()
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt32(length))
        append(bytes, to: &buffer)
        #expect(throws: FrameFault.tooLong(bytes: length)) { try next(in: &buffer) }
    }

    @Test("a frame of the longest length is given out")
    func longest() throws {
        var buffer = FrameBuffer()
        append(frame(holding: [UInt8](repeating: 7, count: ForwardProtocol.frameBytesMax)), to: &buffer)
        #expect(try buffer.next { bytes throws(FrameFault) in bytes.count } == ForwardProtocol.frameBytesMax)
    }

    @Test("a frame without a type is refused")
    func empty() {
        var buffer = FrameBuffer()
        append([0, 0, 0, 0], to: &buffer)
        #expect(throws: FrameFault.empty) { try next(in: &buffer) }
    }

    @Test("random bytes end in frames, in waiting or in a refusal", arguments: 1...20 as ClosedRange<UInt64>)
    func random(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var bytes = random.bytes(Int.random(in: 0...60, using: &random))
            // Most random lengths are over the limit; small ones let the frames' insides be reached.
            if bytes.count >= 4 { bytes.replaceSubrange(0..<4, with: [bytes[0] & 0x1F, 0, 0, 0]) }
            do {
                for frame in try collect([bytes]) { #expect(frame.encoded().count <= bytes.count, "seed \(seed)") }
            } catch {
                #expect(error is FrameFault, "seed \(seed)")
            }
        }
    }

    private func collect(_ pieces: [[UInt8]]) throws -> [AggregatorFrame] {
        var buffer = FrameBuffer()
        var frames: [AggregatorFrame] = []
        for piece in pieces {
            append(piece, to: &buffer)
            while let frame = try next(in: &buffer) { frames.append(frame) }
        }
        return frames
    }

    private func append(_ bytes: [UInt8], to buffer: inout FrameBuffer) {
        bytes.withUnsafeBytes { buffer.append($0) }
    }

    private func next(in buffer: inout FrameBuffer) throws -> AggregatorFrame? {
        try buffer.next { bytes throws(FrameFault) in try AggregatorFrame(decoding: bytes) }
    }
}
