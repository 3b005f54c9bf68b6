import Testing
import TestSupport

@testable import FastCGI

@Suite("Walking parameters")
struct ParameterWalkerTests {
    /// What a stream, looked at as a whole, announces, and whether it ends behind a pair.
    private struct Summary: Equatable {
        var announcedBytes = 0
        var isAtPairBoundary = true

        init(announcedBytes: Int, isAtPairBoundary: Bool) {
            self.announcedBytes = announcedBytes
            self.isAtPairBoundary = isAtPairBoundary
        }

        init(_ walker: ParameterWalker) {
            self.init(announcedBytes: walker.announcedBytes, isAtPairBoundary: walker.isAtPairBoundary)
        }

        /// Decodes the whole stream pair by pair, the plain way.
        init(decoding stream: [UInt8]) {
            var rest = stream[...]
            while !rest.isEmpty {
                guard let name = Self.takeLength(&rest), let value = Self.takeLength(&rest) else {
                    isAtPairBoundary = false
                    return
                }
                announcedBytes += name + value
                guard rest.count >= name + value else {
                    isAtPairBoundary = false
                    return
                }
                rest = rest.dropFirst(name + value)
            }
        }

        private static func takeLength(_ rest: inout ArraySlice<UInt8>) -> Int? {
            guard let first = rest.first else { return nil }
            guard first >= 0x80 else { return Int(rest.removeFirst()) }
            guard rest.count >= 4 else { return nil }
            defer { rest = rest.dropFirst(4) }
            return rest.prefix(4).reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF
        }
    }

    @Test(
        "pairs, handed over in any pieces, are walked as a plain decoder decodes them",
        arguments: 1...10 as ClosedRange<UInt64>)
    func pairs(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let stream = (0..<Int.random(in: 0...12, using: &random)).flatMap { _ in randomPair(&random) }
            #expect(Summary(decoding: stream).isAtPairBoundary)
            #expect(Summary(walk(stream, &random)) == Summary(decoding: stream), "seed \(seed)")
        }
    }

    @Test("streams that are cut anywhere are, too", arguments: 11...20 as ClosedRange<UInt64>)
    func cut(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let stream = (0..<3).flatMap { _ in randomPair(&random) }
            for count in stride(from: 0, through: stream.count, by: Int.random(in: 1...5, using: &random)) {
                let cut = Array(stream.prefix(count))
                #expect(Summary(walk(cut, &random)) == Summary(decoding: cut), "seed \(seed)")
            }
        }
    }

    @Test("random bytes are, too", arguments: 21...30 as ClosedRange<UInt64>)
    func random(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let bytes = random.bytes(Int.random(in: 0...40, using: &random))
            #expect(Summary(walk(bytes, &random)) == Summary(decoding: bytes), "seed \(seed)")
        }
    }

    private func randomPair(_ random: inout SeededGenerator) -> [UInt8] {
        let sizes = [0, 1, 2, 127, 128, 129, 300]
        let text = { (random: inout SeededGenerator) in
            String(repeating: "x", count: sizes.randomElement(using: &random) ?? 0)
        }
        return Wire.pair(text(&random), text(&random), isLong: Bool.random(using: &random))
    }

    /// Walks the stream in pieces of random lengths, empty ones included.
    private func walk(_ stream: [UInt8], _ random: inout SeededGenerator) -> ParameterWalker {
        var walker = ParameterWalker()
        var rest = stream[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 0...9, using: &random))
            piece.withUnsafeBytes { walker.walk($0) }
            rest = rest.dropFirst(piece.count)
        }
        return walker
    }
}
