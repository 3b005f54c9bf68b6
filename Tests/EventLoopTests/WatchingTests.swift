import EventLoop
import Glibc
import Testing

@Suite("Watching descriptors", .timeLimit(.minutes(5)))
struct WatchingTests {
    @Test("what is readable already is told, and then only what comes anew")
    func edges() async throws {
        try await withLoop { loop in
            let pair = try SocketPair()
            let calls = Recorder<Bool>()
            pair.sendToNear()
            try loop.watch(pair.near) { calls.note($0.isReadable) }
            await loop.nextTick()
            #expect(calls.events == [true])
            // Nothing is taken out, yet nothing is told again.
            await loop.nextTick()
            await loop.nextTick()
            #expect(calls.events == [true])
            pair.sendToNear()
            await loop.nextTick()
            #expect(calls.events == [true, true])
            loop.unwatch(pair.near)
        }
    }

    @Test("a handler runs on the loop's thread")
    func thread() async throws {
        try await withLoop { loop in
            let pair = try SocketPair()
            let threads = Recorder<UInt>()
            try loop.watch(pair.near) { _ in threads.note(currentThread()) }
            pair.sendToNear()
            await loop.nextTick()
            #expect(threads.events == [await loop.thread()])
            loop.unwatch(pair.near)
        }
    }

    @Test("that a descriptor is writable is told only to who asks for it")
    func writable() async throws {
        try await withLoop { loop in
            let pair = try SocketPair()
            let calls = Recorder<String>()
            try loop.watch(pair.near, for: .readingAndWriting) { readiness in
                calls.note("near writable: \(readiness.isWritable), readable: \(readiness.isReadable)")
            }
            try loop.watch(pair.far) { _ in calls.note("far") }
            await loop.nextTick()
            #expect(calls.events == ["near writable: true, readable: false"])
            loop.unwatch(pair.near)
            loop.unwatch(pair.far)
        }
    }

    @Test("that the peer sends no more is told, and that there is an end to read")
    func peerClosed() async throws {
        try await withLoop { loop in
            let pair = try SocketPair()
            let calls = Recorder<Bool>()
            try loop.watch(pair.near) { calls.note($0.isPeerClosed && $0.isReadable) }
            pair.sendToNear()
            await loop.nextTick()
            pair.closeFar()
            await loop.nextTick()
            #expect(calls.events == [false, true])
            loop.unwatch(pair.near)
        }
    }

    @Test("a descriptor that is not watched any more is not told of")
    func unwatched() async throws {
        try await withLoop { loop in
            let pair = try SocketPair()
            try loop.watch(pair.near) { _ in Issue.record("the handler was called after unwatch") }
            loop.unwatch(pair.near)
            pair.sendToNear()
            await loop.nextTick()
        }
    }

    @Test("a descriptor may be watched again, and what is readable by then is told")
    func watchedAgain() async throws {
        try await withLoop { loop in
            let pair = try SocketPair()
            let calls = Recorder<String>()
            try loop.watch(pair.near) { _ in calls.note("first") }
            pair.sendToNear()
            await loop.nextTick()
            loop.unwatch(pair.near)
            try loop.watch(pair.near) { _ in calls.note("second") }
            await loop.nextTick()
            #expect(calls.events == ["first", "second"])
            loop.unwatch(pair.near)
        }
    }

    @Test("unwatching a descriptor that is not watched does nothing", arguments: [-1, 0, 100_000] as [CInt])
    func neverWatched(descriptor: CInt) async throws {
        try await withLoop { $0.unwatch(descriptor) }
    }

    @Test("a descriptor that cannot be watched is an error")
    func unwatchable() async throws {
        try await withLoop { loop in
            #expect(throws: SystemError.self) { try loop.watch(-1) { _ in } }
            let file = open("/proc/self/exe", O_RDONLY)
            defer { close(file) }
            #expect(throws: SystemError.self) { try loop.watch(file) { _ in } }
        }
    }

    @Test("an unwatch silences a descriptor at once, though its event of this tick is at hand")
    func unwatchedWithinTick() async throws {
        try await withLoop { loop in
            let first = try SocketPair()
            let second = try SocketPair()
            let calls = Recorder<CInt>()
            for (own, other) in [(first.near, second.near), (second.near, first.near)] {
                try loop.watch(own) { _ in
                    calls.note(own)
                    loop.unwatch(other)
                }
            }
            first.sendToNear()
            second.sendToNear()
            await loop.nextTick()
            await loop.nextTick()
            #expect(calls.events.count == 1)
            loop.unwatch(first.near)
            loop.unwatch(second.near)
        }
    }

    @Test("a descriptor that gets the number of an earlier one does not get its events")
    func reusedNumber() async throws {
        try await withLoop { loop in
            let first = try SocketPair()
            let second = try SocketPair()
            let quiet = try SocketPair()
            let calls = Recorder<String>()
            for (own, other) in [(first.near, second.near), (second.near, first.near)] {
                try loop.watch(own) { _ in
                    calls.note("old")
                    loop.unwatch(other)
                    // The number now means a socket that nothing has been sent to.
                    #expect(dup2(quiet.near, other) == other)
                    #expect(throws: Never.self) { try loop.watch(other) { _ in calls.note("new") } }
                }
            }
            first.sendToNear()
            second.sendToNear()
            await loop.nextTick()
            await loop.nextTick()
            #expect(calls.events == ["old"])
            quiet.sendToNear()
            await loop.nextTick()
            #expect(calls.events == ["old", "new"])
            loop.unwatch(first.near)
            loop.unwatch(second.near)
        }
    }

    @Test("more descriptors than one wait can tell of are all told of")
    func many() async throws {
        try await withLoop { loop in
            let pairs = try (0..<300).map { _ in try SocketPair() }
            let calls = Recorder<CInt>()
            for pair in pairs {
                try loop.watch(pair.near) { _ in calls.note(pair.near) }
                pair.sendToNear()
            }
            await loop.nextTick()
            await loop.nextTick()
            #expect(Set(calls.events) == Set(pairs.map(\.near)))
            #expect(calls.events.count == pairs.count)
            for pair in pairs { loop.unwatch(pair.near) }
        }
    }
}
