import ConfigurationFile
import Storage

extension DifferenceReasons {
    func notRecorded(_ difference: Difference, _ own: OwnOutcome) -> [String] {
        if difference.here == nil {
            return [
                "No exposures are recorded for this rule version, so that it is not known here how many visitors met an outcome."
            ]
        }
        guard difference.isLessHere else { return [] }
        if own.state == .unseen {
            return ["\(own.title.brief) is declared in rules.yaml, and nothing is recorded under it."] + siteRefusals
        }
        // By the cohort, whoever converted counts among those who met the outcome.
        guard difference.conversion == nil || variant == .total, outcomes[own.id]?.exposures == 0,
            evidence.report.outcomes.contains(where: { $0.exposures > 0 })
        else { return [] }
        return ["No exposure to \(own.title.brief) is recorded in this time, so that nobody counts as having met it."]
    }

    /// What began, or was not over, or was asked for in part.
    func inTime(_ difference: Difference) -> [String] {
        var found: [String] = []
        let isFirst = difference.day.map { day in firstDay.map { day <= $0 } ?? false } ?? beginsBeforeRecords
        if difference.isLessHere, isFirst, let first = evidence.firstEvent {
            found.append("Recording began here at \(first.brief) UTC: what happened before is in the file alone.")
        }
        let asOf = evidence.report.asOf.brief
        if let day = difference.day {
            if day >= dayText(evidence.report.asOf) ?? "" {
                found.append(
                    "\(day) was not over: here all is counted up to \(asOf) UTC, and in the file up to its export.")
            }
            if difference.movesBetweenDays, secondOfDay == 0 {
                found.append(
                    "What some days have more others have less, and the sums are about the same: the file's days seem to begin at "
                        + "another time. Name their time zone with --time-zone.")
            }
        } else {
            if difference.isMoreHere, !endsBeforeNow {
                found.append("Here all is counted up to \(asOf) UTC, and in the file up to its export.")
            }
            if difference.isLessHere, let start = period.startText, !beginsBeforeRecords {
                found.append(
                    "Here visitors count who met an outcome first after \(start); the file may count whoever met it in that time."
                )
            }
        }
        return found
    }

    func onlyHere(_ difference: Difference) -> [String] {
        var found: [String] = []
        if let conversion = difference.conversion, !difference.isInFileAtAll {
            let what =
                difference.isInFile ? "counts no \(conversion.shown) at all" : "has no column for \(conversion.shown)"
            found.append(
                "The file \(what): conversions that pages record through this endpoint are not in Zephr's own export.")
        }
        for epoch in evidence.report.epochs where isIn(epoch, difference.day) {
            found.append(
                "The subject secret was changed at \(epoch.brief) UTC: who came before and after counts twice here.")
        }
        return found
    }

    /// Conversions of the outcome that do not count as its own.
    func outside(_ difference: Difference, _ own: OwnOutcome) -> [String] {
        guard variant == .total, let name = difference.conversion, let outcome = outcomes[own.id],
            let counted = outcome.conversion(named: name.text.isEmpty ? nil : name.text),
            let visitors = counted.visitors, let converted = counted.converted, visitors > converted
        else { return [] }
        let unseen = counted.unattributed.map { $0 > 0 ? ", \($0) of them not known to have met it" : "" } ?? ""
        return [
            "More visitors, \(visitors - converted), did \(name.shown) here under \(own.title.brief), outside the "
                + "\(evidence.report.windowDays) days around their first exposure to it\(unseen); the file may count them."
        ]
    }

    func refusals(_ difference: Difference, _ own: OwnOutcome) -> [String] {
        guard let id = own.id else { return [] }
        let doors: Set<String> = difference.conversion == nil ? ["exposures", "log"] : ["conversions", "log"]
        let refused = evidence.answers.refused(at: doors) { $0.outcomeId.map { OpaqueID($0) } == id }
        return refused.map {
            ["Requests about \(own.title.brief) were refused here in this time, \($0.count) in all: \($0.reasons)."]
        } ?? []
    }

    /// For what has no records here, whose refusals are told by the site alone.
    var siteRefusals: [String] {
        let refused = evidence.siteAnswers.refused(at: ["conversions", "exposures", "log"]) { _ in true }
        return refused.map {
            [
                "The site refused requests in this time, \($0.count) in all, which are told by outcome only where that has records: "
                    + "\($0.reasons)."
            ]
        } ?? []
    }

    var excluded: [String] {
        let excluded = evidence.siteAnswers.excluded
        return excluded.map {
            [
                "Requests of the site were left out on purpose in this time, \($0.count) in all, which are not told by outcome: "
                    + "\($0.reasons)."
            ]
        } ?? []
    }

    func added(_ subject: Subject, _ own: OwnOutcome) -> [String] {
        guard subject.rows.count > 1 else { return [] }
        return [
            "The file has \(own.title.brief) \(subject.rows.count) times, on several tabs or paths, and these are added up: who met it "
                + "on more than one counts more than once."
        ]
    }
}

extension DifferenceReasons {
    private var firstDay: String? { evidence.firstEvent.flatMap(dayText) }

    private func dayText(_ time: Timestamp) -> String? {
        CivilTime.milliseconds(time.text).map { String(period.text(Quarter(containing: $0)).prefix(10)) }
    }

    /// Whether the time begins before the first record.
    private var beginsBeforeRecords: Bool {
        guard let first = evidence.firstEvent.flatMap({ CivilTime.milliseconds($0.text) }) else { return false }
        return period.range.lowerBound.startMilliseconds < first
    }

    private var endsBeforeNow: Bool {
        guard let now = CivilTime.milliseconds(evidence.report.asOf.text) else { return false }
        return period.range.upperBound.startMilliseconds <= now
    }

    private func isIn(_ time: Timestamp, _ day: String?) -> Bool {
        guard let milliseconds = CivilTime.milliseconds(time.text) else { return false }
        if let day { return dayText(time) == day }
        return period.range.contains(Quarter(containing: milliseconds))
    }
}
