import Analytics

extension RulePage {
    /// Something that a comparison rests on, and whether it holds.
    struct TrustLight {
        /// `good`, `watch` or `bad`: what colour goes with it.
        let tone: String
        /// The same for who sees no colours.
        let sign: String
        let name: String
        let text: String
    }
}

/// What a comparison rests on, at a glance: whether visitors came as declared, and whether something of them is missing.
struct TrustLights {
    /// From a hundredth of the way to an alarm on it is worth an eye: evidence of ten to one.
    private static let watchedLog10 = 1.0
    private static let unattributedShareMax = 0.05

    let all: [RulePage.TrustLight]

    /// - Parameter report: what the group is of; its unattributed conversions are told where it is of all time.
    init(_ group: GroupReport, of report: OutcomesReport) {
        all = [Self.split(group), Self.refusals(group), Self.crossings(group), Self.exposures(group, report)]
            .compactMap(\.self)
    }

    private static func split(_ group: GroupReport) -> RulePage.TrustLight {
        let weights = group.arms.map { "\($0.weight)" }.joined(separator: ":")
        let counts = group.arms.map(\.exposed.grouped).joined(separator: " : ")
        let highest = group.mismatchLog10Max ?? 0
        if group.isMismatched {
            return light("bad", "Split", "Not as declared (\(weights)): \(counts) visitors. Nothing is compared.")
        }
        return highest >= watchedLog10
            ? light(
                "watch", "Split",
                "Somewhat off what is declared (\(weights)): \(counts) visitors. That may be chance; look again.")
            : light("good", "Split", "As declared (\(weights)): \(counts) visitors.")
    }

    private static func refusals(_ group: GroupReport) -> RulePage.TrustLight {
        let (refused, requests) = group.arms.reduce((0, 0)) { ($0.0 + $1.refused, $0.1 + $1.requests) }
        let share = requests > 0 ? " (\((Double(refused) / Double(requests)).percent))" : ""
        let lost = "\(refused.grouped) of \(requests.grouped) requests were lost\(share)"
        if group.refusalLog10 >= GroupReport.alarmLog10 {
            return light("bad", "Refusals", "\(lost), more of them under some outcomes than under others.")
        }
        return group.refusalLog10 >= watchedLog10
            ? light("watch", "Refusals", "\(lost), somewhat unevenly. That may be chance; look again.")
            : light("good", "Refusals", "\(lost), no more under one outcome than under another.")
    }

    private static func crossings(_ group: GroupReport) -> RulePage.TrustLight {
        let (crossed, exposed) = group.arms.reduce((0, 0)) { ($0.0 + $1.crossed, $0.1 + $1.exposed) }
        let share = exposed > 0 ? Double(crossed) / Double(exposed) : 0
        return share > GroupReport.crossedShareMax
            ? light(
                "bad", "Crossings",
                "\(crossed.grouped) of \(exposed.grouped) visitors (\(share.percent)) met several outcomes, which hides part of a "
                    + "difference.")
            : light("good", "Crossings", "\(crossed.grouped) of \(exposed.grouped) visitors met several outcomes.")
    }

    /// Nil where the report is not of all time, or nobody has done the conversion.
    private static func exposures(_ group: GroupReport, _ report: OutcomesReport) -> RulePage.TrustLight? {
        guard report.basis == .cohort, report.from == nil, report.to == nil else { return nil }
        let outcomes = report.outcomes.filter { $0.group == group.name }
        let conversions = outcomes.compactMap { $0.conversion(named: group.conversion) }
        let unattributed = conversions.reduce(0) { $0 + ($1.unattributed ?? 0) }
        let visitors = conversions.reduce(0) { $0 + ($1.visitors ?? 0) }
        guard visitors > 0 else { return nil }
        let share = Double(unattributed) / Double(visitors)
        let text =
            "\(unattributed.grouped) of \(visitors.grouped) who converted (\(share.percent)) have no recorded view of an outcome"
        return share > unattributedShareMax
            ? light("bad", "Exposures", "\(text): pages do not report all that they show.")
            : light("good", "Exposures", "\(text).")
    }

    private static func light(_ tone: String, _ name: String, _ text: String) -> RulePage.TrustLight {
        RulePage.TrustLight(
            tone: tone, sign: tone == "good" ? "✓" : tone == "watch" ? "?" : "!", name: name, text: text)
    }
}
