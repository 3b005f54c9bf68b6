import Analytics
import EventLoop
import Hummingbird
import Logging
import ServiceLifecycle

/// Serves the analytics over HTTP on a Unix socket of its own, for nginx to put behind whatever admits the site's staff.
public struct AnalyticsService: Service {
    private let socket: String
    private let access: UnixSocketAccess
    private let routes: AnalyticsRoutes
    private let logger: Logger
    private let onServing: @Sendable () -> Void

    /// `onServing` is called once, when it answers.
    public init(
        socket: String, access: UnixSocketAccess, queries: AnalyticsQueries, status: StatusSource,
        logger: Logger, onServing: @escaping @Sendable () -> Void = {}
    ) throws {
        // Hummingbird takes over a socket that is in use, and fails late and without a name where it cannot have one. So
        // one is opened here first, which shows that path, permissions and group can be had.
        _ = try ListeningSocket.unix(path: socket, access: access)
        self.socket = socket
        self.access = access
        self.logger = logger
        self.onServing = onServing
        let console = try ConsolePages(queries: queries) { try await status.report() }
        routes = AnalyticsRoutes(queries: queries, status: status, console: console)
    }

    /// Serves until the process is asked to stop. Throws when the socket cannot be had or given its permissions.
    ///
    /// The process's umask has to keep others out (077): Hummingbird binds with it, and the configured permissions follow
    /// once the socket is there.
    public func run() async throws {
        let (failures, failure) = AsyncStream.makeStream(of: SocketFailure.self)
        let application = Application(
            router: routes.router(),
            configuration: .init(address: .unixDomainSocket(path: socket), serverName: nil),
            onServerRunning: { _ in
                do throws(SocketFailure) { try opened() } catch { failure.yield(error) }
            }, logger: Self.quiet(logger))
        defer { UnixSocketPath(socket).remove() }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { failure.finish() }
                try await application.run()
            }
            for await failure in failures { throw failure }
            try await tasks.waitForAll()
        }
    }

    private func opened() throws(SocketFailure) {
        try access.apply(to: socket)
        logger.notice("listening for analytics on unix:\(socket)")
        onServing()
    }

    /// Hummingbird tells of every start and stop of its own; this service has told already.
    private static func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = .warning
        return logger
    }
}

/// The answers to each address.
struct AnalyticsRoutes: Sendable {
    let queries: AnalyticsQueries
    let status: StatusSource
    let console: ConsolePages

    func router() -> Router<AnalyticsContext> {
        let router = Router(context: AnalyticsContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ProblemMiddleware())
        router.add(middleware: MethodMiddleware())
        router.get("health") { request, _ in try Response.json(Health(status: "ok"), to: request) }
        router.get("metrics") { request, _ in
            let sites = ReadableSites(request)
            var metrics = try await status.metrics(of: sites)
            metrics.append(try await groups(of: sites))
            return Response.text(metrics.text, PrometheusText.contentType, to: request)
        }
        router.get("v1/status") { request, _ in
            try Response.json(try await status.report(of: ReadableSites(request)), to: request)
        }
        router.get("v1/sites") { request, _ in try Response.json(try await queries.sites(), to: request) }
        router.get("v1/sites/:site/rules") { try await rules($0, $1) }
        router.get("v1/sites/:site/outcomes") { try await outcomes($0, $1) }
        router.get("v1/sites/:site/series") { try await series($0, $1) }
        router.get("v1/sites/:site/course") { try await course($0, $1) }
        router.get("v1/sites/:site/answers") { try await answers($0, $1) }
        router.get("v1/sites/:site/export") { try await export($0, $1) }
        console.add(to: router)
        return router
    }

    /// The declared groups that have records and are not decided yet.
    private func groups(of sites: ReadableSites) async throws -> [MeasuredGroup] {
        var groups: [MeasuredGroup] = []
        for site in try await queries.sites().sites where sites.contains(site) {
            for rule in try await queries.groups(
                site: site, countMax: MeasuredGroup.countMax - groups.count, includesDecided: false)
            {
                groups += rule.groups.map {
                    MeasuredGroup(site: site, ruleID: rule.ruleID, ruleName: rule.name, group: $0)
                }
            }
        }
        return Array(groups.prefix(MeasuredGroup.countMax))
    }

    private func rules(_ request: Request, _ context: AnalyticsContext) async throws -> Response {
        let site = try context.parameters.require("site")
        guard let report = try await queries.rules(site: site) else { throw Problem.noSite(site) }
        return try .json(report, to: request).named([site, "rules"], as: .json)
    }

    private func outcomes(_ request: Request, _ context: AnalyticsContext) async throws -> Response {
        let site = try context.parameters.require("site")
        let query = try ReportQuery(request, known: ReportQuery.time.union(["ruleId", "basis", "format", "asOf"]))
        let (ruleID, format) = (try query.ruleID(for: "outcomes"), try ReportFormat(request, query))
        let period = try query.period()
        let report = try await queries.outcomes(
            site: site, ruleID: ruleID, period: period, basis: try query.choice("basis") ?? .cohort,
            asOf: try query.asOf())
        guard let report else { throw Problem.noRule(ruleID, site: site) }
        let name = self.name(
            [site, report.ruleName ?? ruleID, "outcomes"], basis: report.basis, period, day: query["asOf"])
        return try .report(report, report.table, as: format, named: name, to: request)
    }

    private func series(_ request: Request, _ context: AnalyticsContext) async throws -> Response {
        let site = try context.parameters.require("site")
        let query = try ReportQuery(request, known: ReportQuery.time.union(["ruleId", "bucket", "basis", "format"]))
        let (ruleID, format) = (try query.ruleID(for: "series"), try ReportFormat(request, query))
        let period = try query.period()
        let report = try await queries.series(
            site: site, ruleID: ruleID, width: try query.choice("bucket") ?? .day, period: period,
            basis: try query.choice("basis") ?? .cohort)
        guard let report else { throw Problem.noRule(ruleID, site: site) }
        let name = [site, report.ruleName ?? ruleID, "by", report.bucket.rawValue]
        return try .report(
            report, report.table, as: format, named: self.name(name, basis: report.basis, period), to: request)
    }

    private func course(_ request: Request, _ context: AnalyticsContext) async throws -> Response {
        let site = try context.parameters.require("site")
        let query = try ReportQuery(request, known: ["ruleId", "format"])
        let (ruleID, format) = (try query.ruleID(for: "course"), try ReportFormat(request, query))
        guard let report = try await queries.course(site: site, ruleID: ruleID) else {
            throw Problem.noRule(ruleID, site: site)
        }
        let name = self.name([site, report.ruleName ?? ruleID, "course"], .allTime)
        return try .report(report, report.table, as: format, named: name, to: request)
    }

    private func answers(_ request: Request, _ context: AnalyticsContext) async throws -> Response {
        let site = try context.parameters.require("site")
        let query = try ReportQuery(request, known: ReportQuery.time.union(["ruleId", "bucket", "format"]))
        let (ruleID, format) = (query["ruleId"], try ReportFormat(request, query))
        let period = try query.period()
        let report = try await queries.answers(
            site: site, ruleID: ruleID, width: try query.choice("bucket"), period: period)
        guard let report else { throw ruleID.map { Problem.noRule($0, site: site) } ?? Problem.noSite(site) }
        let name = [site, ruleID, "answers", report.bucket.map { "by-\($0.rawValue)" }].compactMap { $0 }
        return try .report(report, report.table, as: format, named: self.name(name, period), to: request)
    }

    private func export(_ request: Request, _ context: AnalyticsContext) async throws -> Response {
        let site = try context.parameters.require("site")
        let query = try ReportQuery(request, known: ReportQuery.time.union(["ruleId", "rows"]))
        let ruleID = try query.ruleID(for: "export")
        let export = try await queries.export(
            site: site, ruleID: ruleID, variant: try query.choice("rows") ?? .total, period: try query.period())
        guard let export else { throw Problem.noRule(ruleID, site: site) }
        return Response.text(export.table.csv, ReportFormat.csv.contentType, to: request)
            .named([export.fileName], as: .csv)
    }

    /// The parts of a file's name: what the file is, then how it counts, then of when.
    ///
    /// - Parameter day: the day until which it counts where the period is open; nil for now.
    private func name(
        _ parts: [String], basis: Basis = .cohort, _ period: ReportPeriod, day: String? = nil
    ) -> [String] {
        parts + (basis == .activity ? [basis.rawValue] : []) + [period.daysText(openUntil: day ?? status.day)]
    }
}

private struct Health: Encodable {
    let status: String
}

/// What comes with a request.
struct AnalyticsContext: RequestContext {
    var coreContext: CoreRequestContextStorage

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}
