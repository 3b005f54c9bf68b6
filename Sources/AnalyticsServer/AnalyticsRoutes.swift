import Analytics
import Hummingbird
import Storage

/// The answers to each address.
struct AnalyticsRoutes<Store: OutcomeStore>: Sendable {
    typealias Handler = @Sendable (Request, AnalyticsContext) async throws -> Response

    let queries: AnalyticsQueries<Store>
    let status: StatusSource<Store>

    func router() -> Router<AnalyticsContext> {
        let router = Router(context: AnalyticsContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ProblemMiddleware())
        serve("health", on: router) { request, _ in try .json(Health(status: "ok"), to: request) }
        serve("metrics", on: router) { request, _ in
            .text(try await status.metrics().text, PrometheusText.contentType, to: request)
        }
        serve("v1/status", on: router) { request, _ in try .json(try await status.report(), to: request) }
        serve("v1/sites", on: router) { request, _ in try .json(try await queries.sites(), to: request) }
        serve("v1/sites/:site/rules", on: router) { try await rules($0, $1) }
        serve("v1/sites/:site/outcomes", on: router) { try await outcomes($0, $1) }
        serve("v1/sites/:site/series", on: router) { try await series($0, $1) }
        serve("v1/sites/:site/answers", on: router) { try await answers($0, $1) }
        serve("v1/sites/:site/export", on: router) { try await export($0, $1) }
        return router
    }

    /// Everything is only read, so other methods are told which there are.
    private func serve(_ path: RouterPath, on router: Router<AnalyticsContext>, _ handler: @escaping Handler) {
        router.get(path, use: handler)
        for method in [.post, .put, .patch, .delete, .options, .trace] as [HTTPRequest.Method] {
            router.on(path, method: method) { _, _ -> Response in throw Problem.methodNotAllowed(method) }
        }
    }

    private func rules(_ request: Request, _ context: AnalyticsContext) async throws -> Response {
        let site = try context.parameters.require("site")
        guard let report = try await queries.rules(site: site) else { throw Problem.noSite(site) }
        return try .json(report, to: request)
    }

    private func outcomes(_ request: Request, _ context: AnalyticsContext) async throws -> Response {
        let site = try context.parameters.require("site")
        let query = ReportQuery(request)
        let (ruleID, format) = (try query.ruleID(for: "outcomes"), try ReportFormat(request))
        let report = try await queries.outcomes(
            site: site, ruleID: ruleID, period: try query.period(), basis: try query.choice("basis") ?? .cohort)
        guard let report else { throw Problem.noRule(ruleID, site: site) }
        return try .report(report, report.table, as: format, to: request)
    }

    private func series(_ request: Request, _ context: AnalyticsContext) async throws -> Response {
        let site = try context.parameters.require("site")
        let query = ReportQuery(request)
        let (ruleID, format) = (try query.ruleID(for: "series"), try ReportFormat(request))
        let report = try await queries.series(
            site: site, ruleID: ruleID, width: try query.choice("bucket") ?? .day, period: try query.period(),
            basis: try query.choice("basis") ?? .cohort)
        guard let report else { throw Problem.noRule(ruleID, site: site) }
        return try .report(report, report.table, as: format, to: request)
    }

    private func answers(_ request: Request, _ context: AnalyticsContext) async throws -> Response {
        let site = try context.parameters.require("site")
        let query = ReportQuery(request)
        let (ruleID, format) = (query["ruleId"], try ReportFormat(request))
        let report = try await queries.answers(
            site: site, ruleID: ruleID, width: try query.choice("bucket"), period: try query.period())
        guard let report else { throw ruleID.map { Problem.noRule($0, site: site) } ?? Problem.noSite(site) }
        return try .report(report, report.table, as: format, to: request)
    }

    private func export(_ request: Request, _ context: AnalyticsContext) async throws -> Response {
        let site = try context.parameters.require("site")
        let query = ReportQuery(request)
        let ruleID = try query.ruleID(for: "export")
        let rows = try query.choice("rows") ?? ExportRows.total
        let export = try await queries.export(
            site: site, ruleID: ruleID, variant: rows == .daily ? .daily : .total, period: try query.period())
        guard let export else { throw Problem.noRule(ruleID, site: site) }
        var response = Response.text(export.table.csv, ReportFormat.csv.contentType, to: request)
        response.headers[.contentDisposition] = "attachment; \(FileName(export.fileName + ".csv").parameters)"
        return response
    }
}

struct Health: Encodable {
    let status: String
}
