import EventLoop
import Testing

@Suite("Timers", .timeLimit(.minutes(5)))
struct TimerTests {
    @Test("timers run in the order of their times, whatever order they are scheduled in")
    func order() async throws {
        let events = try await withLoop { loop in
            let recorder = Recorder<Int>()
            for milliseconds in [30, 10, 20, 5, 25] {
                loop.schedule(afterMilliseconds: milliseconds) { recorder.note(milliseconds) }
            }
            await loop.pause(milliseconds: 40)
            return recorder.events
        }
        #expect(events == [5, 10, 20, 25, 30])
    }

    @Test("timers that are due at once run in the order they were scheduled in")
    func ties() async throws {
        let events = try await withLoop { loop in
            let recorder = Recorder<Int>()
            for number in 0..<100 {
                loop.schedule(afterMilliseconds: 0) { recorder.note(number) }
            }
            await loop.nextTick()
            return recorder.events
        }
        #expect(events == Array(0..<100))
    }

    @Test("a timer does not run before its time", arguments: [1, 7, 20])
    func notEarly(milliseconds: Int) async throws {
        try await withLoop { loop in
            let start = MonotonicClock.nowMilliseconds()
            await loop.pause(milliseconds: milliseconds)
            #expect(MonotonicClock.nowMilliseconds() - start >= milliseconds)
        }
    }

    @Test("a timer may schedule another one, and each runs once")
    func chain() async throws {
        let events = try await withLoop { loop in
            let recorder = Recorder<String>()
            await withCheckedContinuation { continuation in
                loop.schedule(afterMilliseconds: 1) {
                    recorder.note("first")
                    loop.schedule(afterMilliseconds: 1) {
                        recorder.note("second")
                        continuation.resume()
                    }
                }
            }
            await loop.pause(milliseconds: 5)
            return recorder.events
        }
        #expect(events == ["first", "second"])
    }

    @Test("a far timer does not hold up a near one that comes later")
    func far() async throws {
        try await withLoop { loop in
            loop.schedule(afterMilliseconds: 3_600_000) { Issue.record("an hour has not passed") }
            await loop.pause(milliseconds: 1)
        }
    }
}
