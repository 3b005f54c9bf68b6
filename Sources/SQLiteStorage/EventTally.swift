/// How many events there were, and when.
struct EventTally {
    private(set) var events = 0
    private(set) var firstMilliseconds = Int64.max
    private(set) var lastMilliseconds = Int64.min

    mutating func add(timeMilliseconds: Int64) {
        events += 1
        firstMilliseconds = min(firstMilliseconds, timeMilliseconds)
        lastMilliseconds = max(lastMilliseconds, timeMilliseconds)
    }
}
