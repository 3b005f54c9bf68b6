import Analytics
import FoundationEssentials
import Hummingbird
import Logging
import Storage

/// The pages that people read: rules, a rule, its journey, and how all is doing. Every one is a document by itself, without
/// any script.
struct ConsolePages: Sendable {
    private let queries: AnalyticsQueries
    private let status: @Sendable () async throws -> StatusReport
    private let templates: ConsoleTemplates
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - status: tells how the aggregator is doing.
    ///   - now: the time of day.
    /// - Throws: for a template that is none, which a test would have shown.
    init(
        queries: AnalyticsQueries, status: @escaping @Sendable () async throws -> StatusReport,
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws {
        self.queries = queries
        self.status = status
        self.now = now
        templates = try ConsoleTemplates()
    }

    /// Adds them under `/console`. Links from page to page are relative, so they may be served under any prefix.
    func add(to router: Router<some RequestContext>) {
        router.get("console") { request, _ in try await sites(request) }
        router.get("console/\(StyleSheet.name)") { _, _ in Response.styleSheet() }
        let ofSite: [(String, @Sendable (Visit, [String]) async throws -> Response)] = [
            ("rules", rules), ("rule", rule), ("result", result), ("result.svg", picture), ("journey", journey),
            ("plan", plan),
            ("health", health),
        ]
        for (name, make) in ofSite {
            router.get("console/:site/\(name)") { request, context in
                await page(
                    Visit(request, site: try context.parameters.require("site")), logger: context.logger, make)
            }
        }
    }

    /// Where there is only one site, that one's rules.
    private func sites(_ request: Request) async throws -> Response {
        guard request.uri.path.hasSuffix("/") else { return .redirect(to: "console/", type: .found) }
        let sites = Visit(request, site: "").readable(try await queries.sites().sites)
        guard sites.count != 1 else { return .redirect(to: "\(sites[0].percentEncoded)/rules", type: .found) }
        return .page(templates.render("sites", SitesPage(sites)))
    }

    /// Shows what goes wrong as a page, too.
    private func page(
        _ visit: Visit, logger: Logger, _ make: (Visit, [String]) async throws -> Response
    ) async -> Response {
        do {
            let sites = visit.readable(try await queries.sites().sites)
            guard sites.contains(visit.site) else {
                return problem(
                    .notFound, "There is no such site", "No site is called “\(visit.site.isolated)” here.", visit
                )
            }
            return try await make(visit, sites)
        } catch let fault as ReportFault {
            return problem(.badRequest, "That cannot be shown", "\(fault)", visit)
        } catch {
            logger.error("\(error)")
            return problem(
                .internalServerError, "The numbers cannot be read now",
                "The aggregator’s log says why. What is recorded meanwhile is not lost by this.", visit)
        }
    }

    private func problem(
        _ status: HTTPResponse.Status, _ title: String, _ detail: String, _ visit: Visit
    ) -> Response {
        let page = ProblemPage(
            frame: Frame(title: title, site: visit.site, sites: [], current: .rule), title: title, detail: detail,
            back: visit.ruleQuery.map { "rule" + RuleQuery(ruleID: $0.ruleID).text } ?? "rules")
        return .page(templates.render("problem", page), status: status)
    }

    private func rules(_ visit: Visit, sites: [String]) async throws -> Response {
        guard let report = try await queries.rules(site: visit.site) else { return noRule(visit) }
        let tests = try await queries.groups(site: visit.site).map { ($0.ruleID, $0.groups) }
        var groups = Dictionary(tests) { first, _ in first }
        var list = RuleList(report, groups: groups)
        let query = list.clamped(RuleListQuery(visit))
        let zone = try Zone(queries.timeZone(ofSite: visit.site))
        var sparklines: [String: [Int]] = [:]
        for entry in list.page(query) {
            guard let id = entry.record?.ruleId else { continue }
            sparklines[id] = try await sparkline(id, site: visit.site, in: zone)
            // Not all are looked at to sort them; what is shown is.
            if entry.isTest, groups[id] == nil { groups[id] = try await queries.groups(site: visit.site, ruleID: id) }
        }
        list = RuleList(report, groups: groups)
        let content = RulesPage(
            frame: Frame(title: "Rules", site: visit.site, sites: sites, current: .rules), list: list, query: query,
            hidden: report.rules(hidden: true).count, sparklines: sparklines, now: now())
        return .page(templates.render("rules", content))
    }

    /// Events of a rule version on each of the latest full days.
    private func sparkline(_ ruleID: String, site: String, in zone: Zone) async throws -> [Int] {
        let today = Moment(now(), in: zone)
        // Today is not over, and would look like a fall.
        let days = (1...RulesPage.sparklineDays).reversed().map { today.isoDay(daysAgo: $0) }
        let period = try ReportPeriod(from: days.first, to: days.last, timeZone: zone.name)
        let series = try await queries.series(site: site, ruleID: ruleID, width: .day, period: period)
        let events = (series?.buckets ?? []).map { bucket in
            (
                String(bucket.start.prefix(10)),
                bucket.outcomes.reduce(0) { $0 + $1.exposures + $1.conversions.reduce(0) { $0 + $1.events } }
            )
        }
        let counts = Dictionary(events, uniquingKeysWith: +)
        return days.map { counts[$0] ?? 0 }
    }

    private func rule(_ visit: Visit, sites: [String]) async throws -> Response {
        guard let material = try await material(visit) else { return noRule(visit) }
        let report = material.report
        let frame = Frame(
            title: report.ruleName ?? report.ruleId, site: visit.site, sites: sites, current: .rule)
        return .page(templates.render("rule", RulePage(frame: frame, material)))
    }

    /// The same page as a file by itself.
    private func result(_ visit: Visit, sites: [String]) async throws -> Response {
        guard let material = try await material(visit) else { return noRule(visit) }
        let report = material.report
        let title = report.ruleName ?? report.ruleId
        let frame = Frame(title: title, site: visit.site, sites: [], current: .rule, isFile: true)
        let day = material.asOf?.text ?? Moment(now(), in: .utc).isoDay
        return .file(
            templates.render("rule", RulePage(frame: frame, material)),
            named: Self.name(visit, title, [day], suffix: "html"))
    }

    /// With which a name ends in its day still, whatever the site and the group are called: what is too long loses its end.
    private static let titleBytesMax = 56

    private static func name(_ visit: Visit, _ title: String, _ rest: [String], suffix: String) -> FileName {
        var title = title
        while title.utf8.count > titleBytesMax { title.removeLast() }
        return FileName([visit.site, title] + rest, suffix: suffix)
    }

    /// The result of one of its groups as a drawing: of the first, where none is named.
    private func picture(_ visit: Visit, sites: [String]) async throws -> Response {
        guard let query = query(of: visit) else { return noRule(visit) }
        // A group is always told of since it began.
        let period = try ReportPeriod(from: nil, to: nil, timeZone: query.timeZone)
        let told = try await queries.outcomes(
            site: visit.site, ruleID: query.ruleID, period: period, basis: .cohort, asOf: try query.day())
        guard let report = told else { return noRule(visit) }
        let name = visit["group"]
        guard let group = report.groups.first(where: { group in name.map { group.name.hasBytes(of: $0) } ?? true })
        else {
            return problem(
                .notFound, "There is no such group",
                name.map { "The rule version has no group “\($0.isolated)”: groups are declared in rules.yaml." }
                    ?? "The rule version has no group in rules.yaml, so nothing is compared that could be drawn.", visit
            )
        }
        let day = try query.day(of: report)
        let asOf =
            day.map { "As of the end of \(Moment.day($0.text)), UTC" }
            ?? "As of \(Moment.text(asOf: report, in: period.timeZone))"
        let svg = ResultPicture(group, of: report, asOf: asOf, now: now()).svg
        let rest = [group.name, day?.text ?? Moment(now(), in: .utc).isoDay]
        return .picture(svg, named: Self.name(visit, report.ruleName ?? report.ruleId, rest, suffix: "svg"))
    }

    /// What is asked for, by the days of the site unless others are named. Nil where no rule version is.
    private func query(of visit: Visit) -> RuleQuery? {
        visit.ruleQuery?.with { $0.timeZone = $0.timeZone ?? queries.timeZone(ofSite: visit.site) }
    }

    /// Nil where no rule version is named, or nothing is recorded of it.
    private func material(_ visit: Visit) async throws -> RulePage.Material? {
        guard let query = query(of: visit) else { return nil }
        let period = try query.period()
        let told = try await queries.outcomesAndCourse(
            site: visit.site, ruleID: query.ruleID, period: period, basis: query.basis, asOf: try query.day())
        guard let (report, course) = told else { return nil }
        let shown = period.until(try query.day())
        var series: SeriesReport?
        var chartProblem: String?
        do {
            series = try await queries.series(
                site: visit.site, ruleID: query.ruleID, width: shown.chartWidth, period: shown, basis: query.basis,
                keepsEmpty: true)
        } catch let fault as ReportFault {
            chartProblem = "\(fault)"
        }
        return RulePage.Material(
            query: query, asOf: try query.day(of: report), report: report,
            series: series, chartProblem: chartProblem, course: course,
            answers: try await queries.answers(site: visit.site, ruleID: query.ruleID, period: shown),
            zone: period.timeZone, zoneOfSite: queries.timeZone(ofSite: visit.site), now: now())
    }

    private func journey(_ visit: Visit, sites: [String]) async throws -> Response {
        guard let query = query(of: visit),
            let report = try await queries.outcomes(
                site: visit.site, ruleID: query.ruleID, period: try query.period(), basis: query.basis,
                asOf: try query.day())
        else { return noRule(visit) }
        let title = "Journey: \(report.ruleName ?? report.ruleId)"
        let content = JourneyPage(
            frame: Frame(title: title, site: visit.site, sites: sites, current: .rule), query: query, report: report,
            zone: try query.period().timeZone, stepName: queries.stepNames(site: visit.site, ruleID: query.ruleID))
        return .page(templates.render("journey", content))
    }

    private func plan(_ visit: Visit, sites: [String]) async throws -> Response {
        let content = PlanPage(frame: Frame(title: "Plan", site: visit.site, sites: sites, current: .plan), visit)
        return .page(templates.render("plan", content), status: content.fault == nil ? .ok : .badRequest)
    }

    private func health(_ visit: Visit, sites: [String]) async throws -> Response {
        let start = Quarter(containing: Int64(now().timeIntervalSince1970 * 1000) - CountingWindow.dayMilliseconds)
        let day = try await queries.answers(site: visit.site, period: ReportPeriod(from: start))
        let content = HealthPage(
            frame: Frame(title: "Health", site: visit.site, sites: sites, current: .health), status: try await status(),
            day: day, groups: try await queries.groups(site: visit.site), now: now())
        return .page(templates.render("health", content))
    }

    private func noRule(_ visit: Visit) -> Response {
        let id = visit["ruleId"].map { " “\($0.isolated)”" } ?? ""
        return problem(
            .notFound, "Nothing is recorded of this rule version",
            "Site “\(visit.site.isolated)” has no exposures or conversions of a rule version\(id). Ids are compared exactly.",
            visit)
    }
}
