/// An action that is due at a time. Timers due at the same time run in the order they were scheduled in.
struct Timer: Comparable {
    let dueMilliseconds: Int64
    let sequence: UInt64
    let action: EventLoop.Action

    static func < (left: Timer, right: Timer) -> Bool {
        (left.dueMilliseconds, left.sequence) < (right.dueMilliseconds, right.sequence)
    }

    static func == (left: Timer, right: Timer) -> Bool {
        left.sequence == right.sequence
    }
}
