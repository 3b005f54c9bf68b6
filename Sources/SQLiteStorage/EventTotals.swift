/// How many events of a rule version there were, and when.
struct EventTotals {
    private(set) var exposures = 0
    private(set) var conversions = 0
    private(set) var firstMilliseconds = Int64.max
    private(set) var lastMilliseconds = Int64.min

    mutating func add(_ event: CountedEvent) {
        if event.conversionID == nil { exposures += 1 } else { conversions += 1 }
        firstMilliseconds = min(firstMilliseconds, event.milliseconds)
        lastMilliseconds = max(lastMilliseconds, event.milliseconds)
    }
}
