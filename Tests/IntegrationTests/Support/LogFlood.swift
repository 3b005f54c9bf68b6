import Foundation
import Synchronization
import TestSupport

/// Writes to the log of exposures as fast as it takes lines, good ones but for what is changed in them at random.
final class LogFlood: Sendable {
    private let isStopped = Atomic(false)
    private let sentCount = Atomic(0)
    private let thread: AsyncStream<Void>

    private static let line = """
        <190>Nov 14 22:13:20 rule_outcomes: {"site":"default","exclude":"bot","id":"00112233445566778899aabbccddeeff",\
        "time":"1700000000.123","nginx":"1.31.3","host":"www.example.com","path":"/","trackingId":"a","setCookie":"",\
        "trackingIdSet":"","outcomes":"[]"}
        """

    init(path: String, seed: UInt64) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard result == 0 else { throw POSIXError(.ECONNREFUSED) }
        let (thread, ended) = AsyncStream.makeStream(of: Void.self)
        self.thread = thread
        Thread.detachNewThread { [self] in
            run(descriptor, SeededGenerator(seed: seed))
            close(descriptor)
            ended.finish()
        }
    }

    /// How many lines were taken.
    func stop() async -> Int {
        isStopped.store(true, ordering: .relaxed)
        for await _ in thread {}
        return sentCount.load(ordering: .relaxed)
    }

    private func run(_ descriptor: Int32, _ generator: SeededGenerator) {
        var random = generator
        let line = Array(Self.line.utf8)
        while !isStopped.load(ordering: .relaxed) {
            var bytes = line
            if Bool.random(using: &random) {
                bytes.replaceSubrange(
                    Int.random(in: 0..<bytes.count, using: &random)...,
                    with: random.bytes(Int.random(in: 0...32, using: &random)))
            }
            // It waits where there is no room.
            if send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count {
                sentCount.add(1, ordering: .relaxed)
            }
        }
    }
}
