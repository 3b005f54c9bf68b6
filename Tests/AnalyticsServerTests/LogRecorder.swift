import Logging
import Synchronization

/// Keeps what is logged, and tells a test that waits for it.
final class LogRecorder: Sendable {
    /// Every line as it is logged, for one reader.
    let stream: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    private let recorded = Mutex<[String]>([])

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    var lines: [String] {
        recorded.withLock { $0 }
    }

    var logger: Logger {
        Logger(label: "test", factory: { _ in Handler(recorder: self) })
    }

    /// Nothing will be logged any more.
    func end() {
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
