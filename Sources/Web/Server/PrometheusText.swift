import Aggregator
import Analytics

/// Metrics in Prometheus's text exposition format, version 0.0.4.
///
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
struct PrometheusText: Sendable {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String, Sendable {
        /// Only grows while the process runs.
        case counter
        case gauge
    }

    /// One value of a metric, told from the others by its labels.
    struct Sample: Sendable {
        let labels: [(name: String, value: String)]
        let value: String

        /// `value` is an `Int` or a `Double`, as Swift writes them.
        init(_ labels: [(name: String, value: String)], _ value: some Numeric) {
            self.labels = labels
            self.value = "\(value)"
        }

        init(_ labels: KeyValuePairs<String, String>, _ value: some Numeric) {
            self.init(labels.map { ($0.key, $0.value) }, value)
        }

        /// The one value of a metric without labels.
        init(_ value: some Numeric) {
            self.init([], value)
        }
    }

    private(set) var text = ""

    init() {}

    /// Adds a metric. One without samples is left out.
    mutating func append(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        guard !samples.isEmpty else { return }
        head(name, kind.rawValue, help)
        for sample in samples { line(name, sample) }
    }

    /// Adds a histogram: how many values lie at or below each of `bounds`, all of them in the last place, and their sum.
    mutating func append(
        histogram name: String, _ help: String, bounds: [Double], cumulativeCounts: [Int], sum: Double
    ) {
        precondition(cumulativeCounts.count == bounds.count + 1, "a histogram counts below each bound, and all")
        head(name, "histogram", help)
        for (bound, count) in zip(bounds.map { "\($0)" } + ["+Inf"], cumulativeCounts) {
            line(name + "_bucket", Sample(["le": bound], count))
        }
        line(name + "_sum", Sample(sum))
        line(name + "_count", Sample(cumulativeCounts[bounds.count]))
    }

    private mutating func head(_ name: String, _ kind: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }

    private mutating func line(_ name: String, _ sample: Sample) {
        let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
        text += "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(sample.value)\n"
    }

    private static func escaped(_ value: String) -> String {
        value.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}

extension PrometheusText {
    /// Every metric that there is, from one status and the statistics that it was made of.
    init(_ report: StatusReport, _ snapshot: AggregatorStatistics.Snapshot) {
        self.init()
        appendProcess(report)
        appendAnswers(report)
        appendRecords(report)
        appendMistakes(report)
        appendCommits(snapshot)
        appendFold(report)
        appendDimensions(report)
        appendResponders(report)
    }

    private mutating func appendProcess(_ report: StatusReport) {
        append(
            "rule_outcomes_build_info", .gauge, "The aggregator's version.", [Sample(["version": report.version], 1)])
        append(
            "rule_outcomes_reloads_total", .counter,
            "How often the aggregator read its configuration again, by result.",
            [
                Sample(["result": "success"], report.reloads), Sample(["result": "failure"], report.reloadsFailed),
            ])
        append(
            "rule_outcomes_clock_doubt_seconds", .gauge,
            "How far the machine's clock is ahead of the time that the aggregator goes by, because it is not believed; 0 where it "
                + "is.", [Sample(Double(report.clockDoubtMilliseconds ?? 0) / 1000)])
    }

    private mutating func appendAnswers(_ report: StatusReport) {
        append(
            "rule_outcomes_answers_total", .counter, "What responders answered to requests, by where these came in.",
            report.answers.map {
                Sample(["site": $0.site, "door": $0.door, "status": "\($0.status)", "reason": $0.reason], $0.count)
            })
    }

    private mutating func appendRecords(_ report: StatusReport) {
        append(
            "rule_outcomes_records_in_flight", .gauge, "Records that have arrived and are not answered for yet.",
            [Sample(report.recordsInFlight)])
        append("rule_outcomes_records_total", .counter, "Records made durable.", [Sample(report.records)])
        append(
            "rule_outcomes_duplicate_records_total", .counter, "Records that arrived again and were counted once.",
            [Sample(report.duplicates)])
        append(
            "rule_outcomes_refused_records_total", .counter,
            "Records refused because the disk was full, or another process held the journal.",
            [Sample(report.refused)])
        append(
            "rule_outcomes_corrected_times_total", .counter,
            "Records whose time could not be, because of a responder's clock, and was set right.",
            [Sample(report.timesSetRight)])
    }

    private mutating func appendMistakes(_ report: StatusReport) {
        append(
            "rule_outcomes_mistaken_records_total", .counter,
            "Records counted whose ids or names are evidently mistakes, by field and mistake.",
            report.mistakes.map {
                Sample(["site": $0.site, "field": $0.field, "mistake": $0.mistake], $0.count)
            })
    }

    private mutating func appendCommits(_ snapshot: AggregatorStatistics.Snapshot) {
        append(
            "rule_outcomes_commit_duration_seconds", "How long commits to the journal took, their sync included.",
            snapshot.commitSeconds)
        append("rule_outcomes_commit_records", "How many records commits made durable.", snapshot.commitRecords)
        append("rule_outcomes_commit_bytes", "How many bytes of records commits made durable.", snapshot.commitBytes)
    }

    private mutating func appendFold(_ report: StatusReport) {
        append(
            "rule_outcomes_journal_sequence", .gauge, "The number of the journal's last commit.",
            [Sample(Int(report.journalSequence))])
        append(
            "rule_outcomes_fold_sequence", .gauge, "The number of the last commit that is counted in reports.",
            [Sample(Int(report.foldedSequence))])
        append(
            "rule_outcomes_journal_backlog_commits", .gauge, "Commits that are durable and not counted in reports yet.",
            [Sample(report.backlog)])
        append(
            "rule_outcomes_fold_age_seconds", .gauge, "How long ago all that was durable was counted in reports.",
            [Sample(Double(report.foldAgeMilliseconds) / 1000)])
        append(
            "rule_outcomes_journal_size_bytes", .gauge, "The bytes of the journal's file.",
            [Sample(report.journalBytes)])
    }

    private mutating func appendDimensions(_ report: StatusReport) {
        append(
            "rule_outcomes_dimension_names", .gauge,
            "How many names a site uses of its limit: rules, and outcomes of the rule version that has the most.",
            report.dimensions.flatMap { use in
                [
                    Sample(["site": use.site, "dimension": "rules"], use.rules),
                    Sample(["site": use.site, "dimension": "outcomes"], use.outcomesOfFullestRule),
                ]
            })
        append(
            "rule_outcomes_dimension_names_limit", .gauge, "How many names are told apart.",
            [
                Sample(["dimension": "rules"], report.limits.rulesPerSite),
                Sample(["dimension": "outcomes"], report.limits.outcomesPerRule),
                Sample(["dimension": "conversions"], report.limits.conversionsPerOutcome),
            ])
        append(
            "rule_outcomes_overflow_records_total", .counter,
            "Records counted under (other), by the first of their names that had no room.",
            [
                Sample(["dimension": "sites"], report.overflow.sites),
                Sample(["dimension": "rules"], report.overflow.rules),
                Sample(["dimension": "outcomes"], report.overflow.outcomes),
                Sample(["dimension": "conversions"], report.overflow.conversions),
            ])
    }

    private mutating func appendResponders(_ report: StatusReport) {
        append("rule_outcomes_responders", .gauge, "Responders that are connected.", [Sample(report.responders.count)])
        appendOfEach(
            report, "rule_outcomes_responder_records_in_flight", .gauge,
            "Records that wait for an answer in a responder."
        ) { $0.recordsInFlight }
        appendOfEach(
            report, "rule_outcomes_responder_connections", .gauge, "Connections from nginx that a responder has open."
        ) { $0.connections }
        append(
            "rule_outcomes_responder_reloads_total", .counter,
            "How often a responder read its configuration and keys again, by result.",
            report.responders.flatMap { responder in
                [("success", responder.reloads), ("failure", responder.reloadsFailed)].compactMap { result, count in
                    count.map {
                        Sample(["responder": "\(responder.id)", "pid": "\(responder.processId)", "result": result], $0)
                    }
                }
            })
        append(
            "rule_outcomes_responder_clock_difference_seconds", .gauge, "A responder's clock less the aggregator's.",
            report.responders.compactMap { responder in
                responder.clockDifferenceMilliseconds.map {
                    Sample(["responder": "\(responder.id)", "pid": "\(responder.processId)"], Double($0) / 1000)
                }
            })
    }

    private mutating func appendOfEach(
        _ report: StatusReport, _ name: String, _ kind: Kind, _ help: String,
        _ value: (StatusReport.Responder) -> Int?
    ) {
        append(
            name, kind, help,
            report.responders.compactMap { responder in
                value(responder).map { Sample(["responder": "\(responder.id)", "pid": "\(responder.processId)"], $0) }
            })
    }

    private mutating func append(_ name: String, _ help: String, _ histogram: Histogram) {
        append(
            histogram: name, help, bounds: histogram.bounds, cumulativeCounts: histogram.cumulativeCounts,
            sum: histogram.sum)
    }
}
