import Foundation
import Testing
import TestSupport

/// A short search without libFuzzer, in every run of the tests.
@Suite("Properties of bytes that were changed at random", .timeLimit(.minutes(5)))
struct MutationTests {
    /// It is printed, and `FUZZ_SEED` repeats it.
    private static let seed =
        ProcessInfo.processInfo.environment["FUZZ_SEED"].flatMap { UInt64($0) } ?? .random(in: .min ... .max)
    private static let inputsPerTarget = 400

    @Test("inputs of the corpus with random changes have their target's properties", arguments: FuzzTarget.all)
    func mutations(target: FuzzTarget) throws {
        // Before the search, since what ends the process ends this test, too.
        print("changed inputs for \(target): FUZZ_SEED=\(Self.seed)")
        var random = SeededGenerator(seed: Self.seed)
        let check = try target.make()
        let files = try Corpus.files(of: target.name)
        for _ in 0..<Self.inputsPerTarget {
            let bytes = Self.mutated(files, &random, bytesMax: target.bytesMax)
            do {
                try check(bytes)
            } catch {
                Issue.record("FUZZ_SEED=\(Self.seed): \(target): \(error): base64 \(Data(bytes).base64EncodedString())")
                return
            }
        }
    }

    private static func mutated(
        _ files: [Corpus.File], _ random: inout SeededGenerator, bytesMax: Int
    ) -> [UInt8] {
        var bytes = files.randomElement(using: &random)?.bytes ?? []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let index = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where index < bytes.count: bytes[index] = .random(in: .min ... .max, using: &random)
            case 1 where index < bytes.count: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2 where index < bytes.count:
                bytes.removeSubrange(index..<min(bytes.count, index + Int.random(in: 1...9, using: &random)))
            case 3: bytes.insert(contentsOf: random.bytes(Int.random(in: 1...9, using: &random)), at: index)
            case 4:
                // A piece of another input.
                let other = files.randomElement(using: &random)?.bytes ?? []
                let start = Int.random(in: 0...other.count, using: &random)
                bytes.insert(contentsOf: other[start...].prefix(64), at: index)
            default: bytes.removeSubrange(index...)
            }
        }
        return Array(bytes.prefix(bytesMax))
    }
}
