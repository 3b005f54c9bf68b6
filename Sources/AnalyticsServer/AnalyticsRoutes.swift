import Analytics
import Hummingbird
import Storage

/// The JSON and CSV answers to each address.
struct AnalyticsRoutes<Store: OutcomeStore>: Sendable {
    let queries: AnalyticsQueries<Store>
    let status: StatusSource<Store>

    func router() -> Router<AnalyticsContext> {
        let router = Router(context: AnalyticsContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ProblemMiddleware())
        router.get("health") { _, _ in Health(status: "ok") }
        router.get("metrics") { _, _ in try await metrics() }
        router.get("v1/status") { _, _ in try await status.report() }
        router.get("v1/sites") { _, _ in try await queries.sites() }
        router.get("v1/sites/:site/rules") { _, context in try await rules(context) }
        router.get("v1/sites/:site/outcomes") { request, context in try await outcomes(request, context) }
        return router
    }

    private func metrics() async throws -> Response {
        Response(
            status: .ok, headers: [.contentType: PrometheusText.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: try await status.metrics().text)))
    }

    private func rules(_ context: AnalyticsContext) async throws -> RulesReport {
        let site = try context.parameters.require("site")
        guard let report = try await queries.rules(site: site) else {
            throw Problem(.notFound, "There is no site '\(site)'.")
        }
        return report
    }

    private func outcomes(_ request: Request, _ context: AnalyticsContext) async throws -> Response {
        let site = try context.parameters.require("site")
        guard let ruleID = request.uri.queryParameters["ruleId"].map(String.init) else {
            throw Problem(.badRequest, "Name a rule version: outcomes?ruleId=…")
        }
        let format = try ReportFormat(request)
        guard let report = try await queries.outcomes(site: site, ruleID: ruleID) else {
            throw Problem(.notFound, "Site '\(site)' has no conversions of rule version '\(ruleID)'.")
        }
        switch format {
        case .json: return try report.response(from: request, context: context)
        case .csv:
            return Response(
                status: .ok, headers: [.contentType: "text/csv; charset=utf-8; header=present"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: report.csv)))
        }
    }
}

struct Health: ResponseCodable {
    let status: String
}

extension SitesReport: ResponseEncodable {}
extension RulesReport: ResponseEncodable {}
extension OutcomesReport: ResponseEncodable {}
extension StatusReport: ResponseEncodable {}
