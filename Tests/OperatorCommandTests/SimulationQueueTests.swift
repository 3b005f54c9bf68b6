import Synchronization
import Testing

@testable import OperatorCommand

@Suite struct SimulationQueueTests {
    /// What was done, in order.
    private final class Log: Sendable {
        let done = Mutex<[Int]>([])
    }

    @Test("Steps are handed out in their order")
    func order() {
        let queue = SimulationQueue(visitors: [0, 1, 2])
        #expect([queue.take(), queue.take(), queue.take(), queue.take()] == [0, 1, 2, nil])
    }

    @Test("A visitor's step waits for the one before it, and nobody else's does")
    func waiting() {
        let queue = SimulationQueue(visitors: [0, 0, 1, 0, 0])
        #expect(queue.take() == 0)
        #expect(queue.take() == 2)
        #expect(queue.take() == nil)
        #expect(queue.finish(2) == nil)
        #expect(queue.finish(0) == 1)
        #expect(queue.finish(1) == 3)
        #expect(queue.finish(3) == 4)
        #expect(queue.finish(4) == nil)
    }

    @Test("Whoever has nothing under way begins again")
    func again() {
        let queue = SimulationQueue(visitors: [0, 0])
        #expect(queue.take() == 0)
        #expect(queue.finish(0) == nil)
        #expect(queue.take() == 1)
    }

    @Test("However many take steps, each step is done once, and each visitor's in their order")
    func concurrent() async {
        let visitors = (0..<5000).map { $0 * $0 % 37 }
        let queue = SimulationQueue(visitors: visitors)
        let log = Log()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var next = queue.take()
                    while let index = next {
                        await Task.yield()
                        log.done.withLock { $0.append(index) }
                        next = queue.finish(index) ?? queue.take()
                    }
                }
            }
        }
        let order = log.done.withLock { $0 }
        #expect(order.sorted() == Array(visitors.indices))
        for indices in Dictionary(grouping: order, by: { visitors[$0] }).values { #expect(indices == indices.sorted()) }
    }
}
