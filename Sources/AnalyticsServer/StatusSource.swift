import Aggregator
import Analytics
import Console
import Daemon
import Journal
import Logs
import Storage

/// Reads how the aggregator is doing.
public struct StatusSource<Store: OutcomeStore>: Sendable {
    private let journal: Journal
    private let store: Store
    private let limits: DimensionLimits
    private let progress: FoldProgress
    private let statistics: AggregatorStatistics
    private let clock: SoundClock
    private let reloads: ReloadCounter
    private let started: Timestamp

    /// `limits` are the store's. What is made here is taken for the start of the process.
    public init(
        journal: Journal, store: Store, limits: DimensionLimits, progress: FoldProgress,
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
