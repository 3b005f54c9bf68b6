import Foundation

/// How long the runs of faults are, and what their chance begins with: as long as every run of the tests can bear, or as
/// `make faults` asks.
public struct FaultRun {
    /// As `make faults` asks.
    public static let isLong = ProcessInfo.processInfo.environment["FAULTS"] == "long"

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
