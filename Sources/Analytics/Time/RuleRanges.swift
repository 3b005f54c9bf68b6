import Storage

/// The ranges of time that a rule version's report is made of, all of them read at once.
struct RuleRanges {
    struct Counts {
        let whole: [OutcomeCounts]
        let maturing: [[OutcomeCounts]]
        let groups: [Group]
        /// Whether the rule version has exposures at all, at any time.
        let hasExposures: Bool
    }

    struct Group {
        /// Since it began.
        let exposed: [OutcomeCounts]
        /// Those whose window has passed.
        let mature: [OutcomeCounts]
    }

    private let whole: Range<Quarter>
    private let maturing: [Range<Quarter>]
    private let groups: [(exposed: Range<Quarter>, mature: Range<Quarter>)]

    /// - Parameters:
    ///   - whole: what is reported of outcomes. Groups are, from when they began.
    ///   - until: who came from then on is left out; nil for nobody.
    init(_ terms: RuleTerms, whole: Range<Quarter>, asOf: Quarter, until: Quarter? = nil) {
        let whole = until.map { whole.clamped(to: Range<Quarter>.all.lowerBound..<$0) } ?? whole
        self.whole = whole
        maturing = Maturity.maturing(under: terms.windows, asOf: asOf).map { $0.clamped(to: whole) }
        groups = terms.groups.map {
            (Maturity.whole(of: $0, until: until), Maturity.mature(since: $0, asOf: asOf))
        }
    }

    var all: [Range<Quarter>] {
        [.all, whole] + maturing + groups.flatMap { [$0.exposed, $0.mature] }
    }

    /// What was counted in each range of `all`, in its order, by what the range is for.
    func assign(_ counts: [[OutcomeCounts]]) -> Counts {
        var rest = counts[...]
        let (allTime, whole) = (rest.popFirst() ?? [], rest.popFirst() ?? [])
        let maturing = Array(rest.prefix(maturing.count))
        rest = rest.dropFirst(maturing.count)
        return Counts(
            whole: whole, maturing: maturing,
            groups: groups.map { _ in Group(exposed: rest.popFirst() ?? [], mature: rest.popFirst() ?? []) },
            hasExposures: allTime.contains { $0.exposures > 0 })
    }
}

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

    /// The quarters of an hour since a group began, and before a moment; nil for all. A responder's clock may be so wrong that it
    /// begins after all time.
    static func whole(of period: GroupPeriod, until: Quarter?) -> Range<Quarter> {
        period.start..<max(period.start, until ?? Range<Quarter>.all.upperBound)
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

/// The time up to which all records are counted. Who was exposed just before it is not known to have converted or not, so
/// nothing of what matures later is told.
struct CountedTime {
    /// Reports are a moment behind at any time, of which nobody has to be told.
    private static let lagMillisecondsMax: Int64 = 60_000

    /// The quarter of an hour that it lies in. What matures is told at its start.
    let asOf: Quarter
    /// What is to be known where it is well behind the time of day, or chosen.
    let note: String?
    /// Who came from then on is left out; nil for nobody.
    let until: Quarter?

    /// - Parameters:
    ///   - untilMilliseconds: since 1970, UTC.
    ///   - nowMilliseconds: the time of day, which is no earlier but for a clock that was set back.
    init(until untilMilliseconds: Int64, nowMilliseconds: Int64) {
        let time = min(untilMilliseconds, nowMilliseconds)
        asOf = Quarter(containing: time)
        until = nil
        note =
            nowMilliseconds - time > Self.lagMillisecondsMax
            ? "Not all records are counted yet, only those up to \(Timestamp(milliseconds: time).text): what matures and what is "
                + "compared is as of then, and changes when the rest is counted" : nil
    }

    /// The same as of the end of an earlier day; this one where that is not over yet.
    func asOf(_ day: ReportDay?) -> CountedTime {
        guard let day, day.end <= asOf else { return self }
        return CountedTime(
            asOf: day.end,
            note:
                "This is the result as of the end of \(day.text), UTC: who came later is left out, and who had not had their window by "
                + "then is maturing. What is compared is what a look then compared, but for records that came late; of those who "
                + "were maturing then it has what they did since",
            until: day.end)
    }

    private init(asOf: Quarter, note: String, until: Quarter) {
        self.asOf = asOf
        self.note = note
        self.until = until
    }
}
