import Aggregator
import Analytics
import ForwardProtocol
import Storage

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
