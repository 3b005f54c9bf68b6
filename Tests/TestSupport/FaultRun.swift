import Foundation

/// How long the runs of faults are, and what their chance begins with: as long as every run of the tests can bear, or as
/// `make faults` asks.
public struct FaultRun {
    /// As `make faults` asks.
    public static let isLong = ProcessInfo.processInfo.environment["FAULTS"] == "long"

    /// `make sanitize` runs the tests. A sanitizer's runtime has to come before every other library, so nothing can be loaded
    /// ahead of the C library, and it takes a crash for a finding.
    public static let isSanitized = ["ASAN_OPTIONS", "TSAN_OPTIONS"].contains {
        ProcessInfo.processInfo.environment[$0] != nil
    }

    /// After how many minutes a test with real daemons and browsers is taken for stuck.
    public static let minutesMax = isLong ? 240 : isSanitized ? 60 : 5

    public let seed: UInt64
    public var random: SeededGenerator

    /// Prints the seed, which `FAULT_SEED` brings back.
    public init(_ name: String) {
        seed = ProcessInfo.processInfo.environment["FAULT_SEED"].flatMap(UInt64.init) ?? .random(in: .min ... .max)
        random = SeededGenerator(seed: seed)
        print("\(name): FAULT_SEED=\(seed)")
    }

    /// - Parameter variable: the environment variable that asks for another number.
    public static func count(short: Int, long: Int, variable: String) -> Int {
        ProcessInfo.processInfo.environment[variable].flatMap { Int($0) } ?? (isLong ? long : short)
    }
}
