import Storage

/// The time up to which all records are counted. Who was exposed just before it is not known to have converted or not, so
/// nothing of what matures later is told.
struct CountedTime {
    /// Reports are a moment behind at any time, of which nobody has to be told.
    private static let lagMillisecondsMax: Int64 = 60_000

    /// The quarter of an hour that it lies in. What matures is told at its start.
    let asOf: Quarter
    /// What is to be known where it is well behind the time of day.
    let lag: String?

    /// - Parameters:
    ///   - untilMilliseconds: since 1970, UTC.
    ///   - nowMilliseconds: the time of day, which is no earlier but for a clock that was set back.
    init(until untilMilliseconds: Int64, nowMilliseconds: Int64) {
        let time = min(untilMilliseconds, nowMilliseconds)
        asOf = Quarter(containing: time)
        lag =
            nowMilliseconds - time > Self.lagMillisecondsMax
            ? "Not all records are counted yet, only those up to \(Timestamp(milliseconds: time).text): what matures and what is "
                + "compared is as of then, and changes when the rest is counted" : nil
    }
}
