/// A record's event whose names have become ids.
package struct CountedEvent {
    package let outcomeID: Int64
    /// nil for an exposure.
    package let conversionID: Int64?
    package let milliseconds: Int64

    package init(outcomeID: Int64, conversionID: Int64?, milliseconds: Int64) {
        self.outcomeID = outcomeID
        self.conversionID = conversionID
        self.milliseconds = milliseconds
    }
}

extension SubjectHistory {
    /// Takes an event in and counts it.
    package mutating func add(_ event: CountedEvent, to changes: inout CellChanges) {
        let quarter = Quarter(containing: event.milliseconds).number
        let outcome = place(ofOutcome: event.outcomeID)
        guard let conversionID = event.conversionID else {
            changes.add(1, .exposures, of: event.outcomeID, at: event.milliseconds)
            outcomes[outcome].firstExposure = min(outcomes[outcome].firstExposure ?? .max, event.milliseconds)
            if let change = outcomes[outcome].exposures.insert(quarter) {
                changes.add(change, of: event.outcomeID, in: quarter)
            }
            return
        }
        changes.add(1, .events, of: conversionID, at: event.milliseconds)
        let conversion = outcomes[outcome].place(ofConversion: conversionID)
        outcomes[outcome].conversions[conversion].times.insert(event.milliseconds)
        if let change = outcomes[outcome].conversions[conversion].quarters.insert(quarter) {
            changes.add(change, of: conversionID, in: quarter)
        }
    }

    /// Adds the subject, or with `sign` -1 takes it away again, wherever it counts as one.
    package func count(_ sign: Int64, by terms: CountingTerms, in changes: inout CellChanges) {
        for outcome in outcomes { count(sign, outcome, by: terms, in: &changes) }
        for group in terms.groups { count(sign, group, in: &changes) }
    }

    private func count(_ sign: Int64, _ outcome: Outcome, by terms: CountingTerms, in changes: inout CellChanges) {
        if let exposure = outcome.firstExposure { changes.add(sign, .exposed, of: outcome.id, at: exposure) }
        for conversion in outcome.conversions {
            guard let first = conversion.times.first else { continue }
            changes.add(sign, .converters, of: conversion.id, at: first)
            guard let exposure = outcome.firstExposure else {
                changes.add(sign, .unattributed, of: conversion.id, at: first)
                continue
            }
            let window = terms.windowMilliseconds(at: exposure)
            if conversion.times.containsAny(in: CountingTerms.span(around: exposure, windowMilliseconds: window)) {
                changes.add(sign, .converted, of: conversion.id, at: exposure)
            }
        }
    }

    private func count(_ sign: Int64, _ group: CountingTerms.Group, in changes: inout CellChanges) {
        var first: (member: CountingTerms.Group.Member, exposure: Int64)?
        var met: [(Outcome, CountingTerms.Group.Member)] = []
        var exposedCount = 0
        for member in group.members {
            guard let outcome = outcomes.first(where: { $0.id == member.outcomeID }) else { continue }
            met.append((outcome, member))
            guard let exposure = outcome.firstExposure else { continue }
            exposedCount += 1
            if exposure < first?.exposure ?? .max { first = (member, exposure) }
        }
        guard let first, Quarter(containing: first.exposure).number >= group.startQuarter else { return }
        changes.add(sign, .groupExposed, of: first.member.outcomeID, at: first.exposure)
        if exposedCount > 1 { changes.add(sign, .groupCrossed, of: first.member.outcomeID, at: first.exposure) }
        let span = CountingTerms.span(around: first.exposure, windowMilliseconds: group.windowMilliseconds)
        for (index, conversionID) in first.member.conversionIDs.enumerated()
        where met.contains(where: { $0.times(ofConversion: $1.conversionIDs[index]).containsAny(in: span) }) {
            changes.add(sign, .groupConverted, of: conversionID, at: first.exposure)
        }
    }
}
