import Foundation
import Logging
import Synchronization

/// A directory of a test's own, removed with the last reference to it. Its path is short enough for sockets.
public final class TemporaryDirectory: Sendable {
    public let path: String

    public init() throws {
        path =
            FileManager.default.temporaryDirectory.appendingPathComponent("test-\(UUID().uuidString.prefix(12))").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// SplitMix64: the same numbers for the same seed, so that a failed test can be run again.
///
/// Source: Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
public struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }
}

/// Keeps what is logged, for tests to read, and tells one that waits for it.
public final class LogRecorder: Sendable {
    /// Every line as it is logged, for one reader.
    public let stream: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    private let recorded = Mutex<[String]>([])

    public init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    public var lines: [String] {
        recorded.withLock { $0 }
    }

    public var logger: Logger {
        Logger(label: "test", factory: { _ in Handler(recorder: self) })
    }

    /// Nothing will be logged any more.
    public func end() {
        continuation.finish()
    }

    private func record(_ line: String) {
        recorded.withLock { $0.append(line) }
        continuation.yield(line)
    }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        init(recorder: LogRecorder) {
            self.recorder = recorder
        }

        func log(event: LogEvent) {
            recorder.record("\(event.level): \(event.message)")
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
    }
}

/// Debian's Python, for what a test compares with: it has another hand's code, and the packages that the Makefile names.
public enum DebianPython {
    /// What a script prints. It stands beside the test, whose `#filePath` is `test`.
    public static func output(of script: String, _ arguments: [String] = [], beside test: String) throws -> String {
        let path = URL(fileURLWithPath: test).deletingLastPathComponent().appendingPathComponent(script).path
        let printed = try Spawning.run(["/usr/bin/python3", "-B", path] + arguments)
        return String(decoding: printed, as: UTF8.self)
    }
}
