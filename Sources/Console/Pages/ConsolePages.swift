import Analytics
import Foundation
import Hummingbird
import Storage

/// The pages that people read: rules, a rule, its journey, and how all is doing. Every one is a document by itself, without
/// any script.
public struct ConsolePages<Store: OutcomeStore>: Sendable {
    private let queries: AnalyticsQueries<Store>
    private let status: @Sendable () async throws -> StatusReport
    private let templates: ConsoleTemplates
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - status: tells how the aggregator is doing.
    ///   - now: the time of day.
    /// - Throws: for a template that is none, which a test would have shown.
    public init(
        queries: AnalyticsQueries<Store>, status: @escaping @Sendable () async throws -> StatusReport,
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws {
        self.queries = queries
        self.status = status
        self.now = now
        templates = try ConsoleTemplates()
    }

    /// Adds them under `/console`. Links from page to page are relative, so they may be served under any prefix.
    public func add(to router: Router<some RequestContext>) {
        router.get("console") { request, _ in try await sites(request) }
        router.get("console/\(StyleSheet.name)") { _, _ in Response.styleSheet() }
        router.get("console/:site/rules") { request, context in
            try await page(Visit(request, site: context.parameters.require("site")), rules)
        }
        router.get("console/:site/rule") { request, context in
            try await page(Visit(request, site: context.parameters.require("site")), rule)
        }
        router.get("console/:site/journey") { request, context in
            try await page(Visit(request, site: context.parameters.require("site")), journey)
        }
        router.get("console/:site/health") { request, context in
            try await page(Visit(request, site: context.parameters.require("site")), health)
        }
    }

    /// Where there is only one site, that one's rules.
    private func sites(_ request: Request) async throws -> Response {
        let all = try await queries.sites().sites
        let sites = Visit(request, site: "").readable(all)
        if sites.count == 1, request.uri.path.hasSuffix("/") {
            return .redirect(to: "\(sites[0].percentEncoded)/rules", type: .found)
        }
        guard request.uri.path.hasSuffix("/") else { return .redirect(to: "console/", type: .found) }
        return .page(templates.render("sites", SitesPage(sites)))
    }

    /// Shows what goes wrong as a page, too.
    private func page(
        _ visit: Visit, _ make: (Visit) async throws -> Response
    ) async throws -> Response {
        do {
            let all = try await queries.sites().sites
            guard visit.readable(all).contains(visit.site) else {
                return problem(.notFound, "There is no such site", "No site is called “\(visit.site)” here.", visit)
            }
            return try await make(visit)
        } catch let fault as ReportFault {
            return problem(.badRequest, "That cannot be shown", "\(fault)", visit)
        }
    }

    private func frame(_ title: String, _ visit: Visit, _ section: Frame.Section) async throws -> Frame {
        let all = try await queries.sites().sites
        return Frame(title: title, site: visit.site, sites: visit.readable(all), current: section)
    }

    private func problem(
        _ status: HTTPResponse.Status, _ title: String, _ detail: String, _ visit: Visit
    ) -> Response {
        let page = ProblemPage(
            frame: Frame(title: title, site: visit.site, sites: [], current: .rule), title: title, detail: detail,
            back: "rules")
        return .page(templates.render("problem", page), status: status)
    }

    private func rules(_ visit: Visit) async throws -> Response {
        let all = try await queries.rules(site: visit.site)?.rules ?? []
        let search = String((visit["q"] ?? "").prefix(200))
        let found = search.isEmpty ? all : all.filter { $0.matches(search) }
        let page = visit["page"].flatMap { Int($0) }.map { min(max($0, 0), found.count / RulesPage.rowsPerPage) } ?? 0
        let shown = found.dropFirst(page * RulesPage.rowsPerPage).prefix(RulesPage.rowsPerPage)
        var glances: [RulesPage.Glance] = []
        for rule in shown { glances.append(try await glance(rule.ruleId, site: visit.site)) }
        let content = RulesPage(
            frame: try await frame("Rules", visit, .rules), total: all.count, found: found, search: search, page: page,
            glances: glances, now: now())
        return .page(templates.render("rules", content))
    }

    /// What the list tells of a rule version: events on each of the latest days, and what its groups' comparison says.
    private func glance(_ ruleID: String?, site: String) async throws -> RulesPage.Glance {
        guard let ruleID else { return .none }
        let days = (0..<RulesPage.sparklineDays).reversed().map { ago in
            Moment(now().addingTimeInterval(-Double(ago) * 86_400), in: .gmt).isoDay
        }
        let period = try ReportPeriod(from: days.first, to: days.last, timeZone: nil)
        let series = try await queries.series(site: site, ruleID: ruleID, width: .day, period: period)
        let events = (series?.buckets ?? []).map { bucket in
            (
                String(bucket.start.prefix(10)),
                bucket.outcomes.reduce(0) { $0 + $1.exposures + $1.conversions.reduce(0) { $0 + $1.events } }
            )
        }
        let counts = Dictionary(events, uniquingKeysWith: +)
        let groups = try await queries.groups(site: site, ruleID: ruleID)
        return RulesPage.Glance(events: days.map { counts[$0] ?? 0 }, groups: groups)
    }

    private func rule(_ visit: Visit) async throws -> Response {
        guard let (query, report) = try await report(visit) else { return noRule(visit) }
        let period = try query.period()
        var series: SeriesReport?
        var chartProblem: String?
        do {
            series = try await queries.series(
                site: visit.site, ruleID: query.ruleID, width: period.chartWidth, period: period, basis: query.basis,
                keepsEmpty: true)
        } catch let fault as ReportFault {
            chartProblem = "\(fault)"
        }
        let material = RulePage.Material(
            query: query, report: report, series: series, chartProblem: chartProblem,
            answers: try await queries.answers(site: visit.site, ruleID: query.ruleID, period: period),
            zone: period.timeZone, now: now())
        let title = report.ruleName ?? report.ruleId
        let content = RulePage(frame: try await frame(title, visit, .rule), material)
        return .page(templates.render("rule", content))
    }

    private func journey(_ visit: Visit) async throws -> Response {
        guard let (query, report) = try await report(visit) else { return noRule(visit) }
        let title = "Journey: \(report.ruleName ?? report.ruleId)"
        let content = JourneyPage(frame: try await frame(title, visit, .rule), query: query, report: report)
        return .page(templates.render("journey", content))
    }

    private func health(_ visit: Visit) async throws -> Response {
        let start = Quarter(containing: Int64(now().timeIntervalSince1970 * 1000) - 86_400_000)
        let day = try await queries.answers(site: visit.site, period: ReportPeriod(from: start))
        let empty = try await queries.answers(site: visit.site, period: .allTime)
        guard let answers = day ?? empty else { return noRule(visit) }
        let content = HealthPage(
            frame: try await frame("Health", visit, .health), status: try await status(), day: answers,
            groups: try await queries.groups(site: visit.site), now: now())
        return .page(templates.render("health", content))
    }

    private func report(_ visit: Visit) async throws -> (RuleQuery, OutcomesReport)? {
        guard let query = visit.ruleQuery else { return nil }
        let report = try await queries.outcomes(
            site: visit.site, ruleID: query.ruleID, period: try query.period(), basis: query.basis)
        return report.map { (query, $0) }
    }

    private func noRule(_ visit: Visit) -> Response {
        let id = visit["ruleId"].map { " “\($0)”" } ?? ""
        return problem(
            .notFound, "Nothing is recorded of this rule version",
            "Site “\(visit.site)” has no exposures or conversions of a rule version\(id). Ids are compared exactly.",
            visit)
    }
}

extension RulesReport.Rule {
    /// In name or id, whether in capitals or not.
    fileprivate func matches(_ search: String) -> Bool {
        [name, ruleId].contains { $0?.localizedCaseInsensitiveContains(search) == true }
    }
}
