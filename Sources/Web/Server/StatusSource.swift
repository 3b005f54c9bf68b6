import Aggregator
import Analytics
import Daemon
import Journal
import Records
import Storage

/// Reads how the aggregator is doing.
public struct StatusSource: Sendable {
    private let journal: Journal
    private let store: any OutcomeStore
    private let limits: DimensionLimits
    private let progress: FoldProgress
    private let statistics: AggregatorStatistics
    private let clock: SoundClock
    private let reloads: ReloadCounter
    private let started: Timestamp

    /// `limits` are the store's. What is made here is taken for the start of the process.
    public init(
        journal: Journal, store: any OutcomeStore, limits: DimensionLimits, progress: FoldProgress,
        statistics: AggregatorStatistics, clock: SoundClock, reloads: ReloadCounter
    ) {
        self.journal = journal
        self.store = store
        self.limits = limits
        self.progress = progress
        self.statistics = statistics
        self.clock = clock
        self.reloads = reloads
        started = Timestamp(milliseconds: clock.nowMilliseconds)
    }

    /// Today's, of UTC: `2026-11-30`.
    var day: String { String(Timestamp(milliseconds: clock.nowMilliseconds).text.prefix(10)) }

    func report(of sites: ReadableSites = .all) async throws(StorageError) -> StatusReport {
        try await report(statistics.snapshot).showing(sites.contains)
    }

    /// The same for Prometheus.
    func metrics(of sites: ReadableSites = .all) async throws(StorageError) -> PrometheusText {
        let snapshot = statistics.snapshot
        return PrometheusText(try await report(snapshot).showing(sites.contains), snapshot)
    }

    private func report(_ snapshot: AggregatorStatistics.Snapshot) async throws(StorageError) -> StatusReport {
        var report = StatusReport(snapshot)
        report.version = Version.current
        report.started = started
        // In this order: what is folded between the two readings must not make the fold come out ahead of the journal.
        report.foldedSequence = progress.position.sequence
        report.journalSequence = journal.lastPosition.sequence
        report.foldAgeMilliseconds = Int(progress.age / .milliseconds(1))
        report.countedUntil = Timestamp(milliseconds: progress.countedUntilMilliseconds)
        report.clockDoubtMilliseconds = clock.reading.doubtMilliseconds.map { Int($0) }
        report.journalBytes = journal.fileBytes
        report.reloads = reloads.successfulCount
        report.reloadsFailed = reloads.failedCount
        report.limits = StatusReport.Limits(limits)
        report.dimensions = try await store.dimensionUse().map(StatusReport.Dimensions.init)
        return report
    }
}

extension StatusReport {
    /// What the aggregator's own statistics tell.
    init(_ snapshot: AggregatorStatistics.Snapshot) {
        self.init()
        recordsInFlight = snapshot.recordsInFlight
        commits = snapshot.commits
        records = snapshot.records
        duplicates = snapshot.duplicates
        refused = snapshot.refused
        timesSetRight = snapshot.timesSetRight
        commitMicrosecondsMean = commits == 0 ? 0 : Int(snapshot.commitSeconds.sum * 1_000_000 / Double(commits))
        overflow = Overflow(snapshot.overflow)
        responders = snapshot.responders.map(Responder.init)
        answers = snapshot.answers.map(Answers.init)
            .sorted { ($0.site, $0.door, $0.status, $0.reason) < ($1.site, $1.door, $1.status, $1.reason) }
        mistakes = snapshot.mistakes.map(Mistakes.init)
            .sorted { ($0.site, $0.field, $0.mistake) < ($1.site, $1.field, $1.mistake) }
    }
}

extension StatusReport.Overflow {
    init(_ overflow: FoldOverflow) {
        self.init()
        sites = overflow.sites
        rules = overflow.rules
        outcomes = overflow.outcomes
        conversions = overflow.conversions
    }
}

extension StatusReport.Limits {
    init(_ limits: DimensionLimits) {
        self.init()
        rulesPerSite = limits.rulesPerSiteMax
        outcomesPerRule = limits.outcomesPerRuleMax
        conversionsPerOutcome = limits.conversionsPerOutcomeMax
    }
}

extension StatusReport.Dimensions {
    init(_ use: DimensionUse) {
        self.init()
        site = use.site
        rules = use.rules
        outcomesOfFullestRule = use.outcomesOfFullestRule
    }
}

extension StatusReport.Responder {
    init(_ responder: ConnectedResponder) {
        self.init()
        let number = { (figure: ResponderStatus.Figure) in responder.status?[figure].map { Int(clamping: $0) } }
        id = responder.id
        processId = Int(responder.processID)
        recordsInFlight = number(.recordsInFlight)
        connections = number(.connections)
        reloads = number(.reloads)
        reloadsFailed = number(.reloadsFailed)
        clockDifferenceMilliseconds = responder.clockDifferenceMilliseconds.map { Int($0) }
    }
}

extension StatusReport.Answers {
    init(kind: TallyEntry.Kind, count: UInt64) {
        self.init()
        site = kind.site
        door = kind.door.map { "\($0)" } ?? "none"
        status = Int(kind.status)
        reason = kind.reason
        self.count = Int(clamping: count)
    }
}

extension StatusReport.Mistakes {
    init(kind: MistakeKind, count: Int) {
        self.init()
        site = kind.site
        field = kind.field.rawValue
        mistake = kind.mistake.rawValue
        self.count = count
    }
}
