import Storage

/// Which exposures are too young to tell: those whose window has not passed.
enum Maturity {
    /// The quarters of an hour whose exposures were still maturing at the start of `asOf`, one range for each window that
    /// any of them is under.
    static func maturing(under windows: [WindowPeriod], asOf: Quarter) -> [Range<Quarter>] {
        windows.indices.compactMap { index in
            let window = windows[index]
            let start = max(window.start, firstMaturing(windowDays: window.days, asOf: asOf))
            let end = index + 1 < windows.count ? windows[index + 1].start : Range<Quarter>.all.upperBound
            return start < end ? start..<end : nil
        }
    }

    /// The quarters of an hour since a group began. A responder's clock may be so wrong that it begins after all time.
    static func whole(of period: GroupPeriod) -> Range<Quarter> {
        period.start..<max(period.start, Range<Quarter>.all.upperBound)
    }

    /// The quarters of an hour since a group began whose exposures had matured at the start of `asOf`.
    static func mature(since period: GroupPeriod, asOf: Quarter) -> Range<Quarter> {
        period.start..<max(period.start, firstMaturing(windowDays: period.group.windowDays, asOf: asOf))
    }

    /// The first quarter of an hour whose exposures were still maturing at the start of `asOf`. A window's last millisecond
    /// is its own, so those exactly one window ago are among them.
    static func firstMaturing(windowDays: Int, asOf: Quarter) -> Quarter {
        Quarter(asOf.number - Int64(windowDays) * Quarter.perDay)
    }
}
