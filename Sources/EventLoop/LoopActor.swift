/// An actor that lives on an event loop's thread: its executor is the loop's.
public protocol LoopActor: Actor {
    nonisolated var loop: EventLoop { get }
}

extension LoopActor {
    /// Calls `body` with the actor, on the loop's thread; anywhere else it traps.
    ///
    /// It is `assumeIsolated`, but it asks the loop alone whose thread this is. The standard library asks the runtime first,
    /// which compares executors through dynamic casts: 400 instructions, five times a request.
    @inlinable
    public nonisolated func onLoop<Value>(_ body: (isolated Self) throws -> Value) rethrows -> Value {
        loop.executor.checkIsolated()
        // The two types differ in the isolation alone, which is checked by now.
        return try withoutActuallyEscaping(body) { body in
            try unsafeBitCast(body, to: ((Self) throws -> Value).self)(self)
        }
    }
}
