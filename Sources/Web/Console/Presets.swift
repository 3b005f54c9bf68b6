import Analytics

/// The ranges of time that a rule's page offers at a click.
///
/// By the cohort they end with the last day whose visitors have all had their window, so that a rate is never one of visitors who still
/// have time to convert. By activity they end today.
struct Presets {
    private static let spansDays = [7, 28, 90]

    private let material: RulePage.Material

    init(_ material: RulePage.Material) {
        self.material = material
    }

    var links: [RulePage.Link] {
        [link("All time", nil, nil)] + (material.query.basis == .cohort ? ofMature : ofActive)
    }

    private var today: Moment { Moment(material.now, in: material.zone) }

    /// Those that have a day on which the group was there already.
    private var ofMature: [RulePage.Link] {
        let (report, course) = (material.report, material.course)
        let windowDays = max(report.groups.map(\.windowDays).max() ?? 0, report.windowDays)
        let last = today.isoDay(daysAgo: windowDays + 1)
        let first = course.groups.compactMap { $0.days.first?.day }.min()
        guard first.map({ $0 <= last }) ?? true else { return [] }
        return Self.spansDays.map { days in
            link("\(days) days, until \(Moment.shortDay(last))", today.isoDay(daysAgo: windowDays + days), last)
        }
    }

    private var ofActive: [RulePage.Link] {
        [link("Today, so far", today.isoDay(daysAgo: 0), today.isoDay(daysAgo: 0))]
            + Self.spansDays.map { link("Last \($0) days", today.isoDay(daysAgo: $0 - 1), today.isoDay(daysAgo: 0)) }
    }

    private func link(_ text: String, _ from: String?, _ to: String?) -> RulePage.Link {
        let changed = material.query.with { ($0.from, $0.to, $0.asOf) = (from, to, nil) }
        return RulePage.Link(href: "rule" + changed.text, text: text, isCurrent: material.query == changed)
    }
}
