/// An actor that lives on an event loop's thread: its executor is the loop's.
public protocol LoopActor: Actor {
    nonisolated var loop: EventLoop { get }
}

extension LoopActor {
    /// Calls `body` with the actor, on the loop's thread; anywhere else it traps.
    ///
    /// It is `assumeIsolated`, but it asks the loop alone whose thread this is: the standard library asks the runtime first,
    /// which compares executors through dynamic casts, 400 instructions five times a request. And on a request's way `body`
    /// is handed what it needs as an argument, since a closure that captures it is allocated each time.
    @inlinable
    public nonisolated func onLoop<Argument, Value: Sendable>(
        _ argument: Argument, _ body: @escaping (isolated Self, Argument) -> Value
    ) -> Value {
        loop.executor.checkIsolated()
        // The two types differ in the isolation alone, which is checked by now.
        return unsafeBitCast(body, to: ((Self, Argument) -> Value).self)(self, argument)
    }

    /// The same without an argument.
    @inlinable
    public nonisolated func onLoop<Value: Sendable>(_ body: @escaping (isolated Self) -> Value) -> Value {
        loop.executor.checkIsolated()
        return unsafeBitCast(body, to: ((Self) -> Value).self)(self)
    }
}
