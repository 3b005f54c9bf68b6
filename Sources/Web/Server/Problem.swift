import Analytics
import FoundationEssentials
import Hummingbird

/// An error as RFC 9457 has it.
struct Problem: Error, Encodable {
    let title: String
    let status: Int
    let detail: String

    private let code: HTTPResponse.Status
    private var headers: HTTPFields = [.contentType: "application/problem+json", .cacheControl: "no-store"]

    private enum CodingKeys: CodingKey {
        case title, status, detail
    }

    init(_ status: HTTPResponse.Status, _ detail: String) {
        code = status
        title = status.reasonPhrase
        self.status = status.code
        self.detail = detail
    }

    static func noSite(_ site: String) -> Problem {
        Problem(.notFound, "There is no site '\(site)'.")
    }

    static func noRule(_ ruleID: String, site: String) -> Problem {
        Problem(.notFound, "Site '\(site)' has no records of rule version '\(ruleID)'.")
    }

    static func methodNotAllowed(_ method: HTTPRequest.Method) -> Problem {
        var problem = Problem(.methodNotAllowed, "The method \(method) is not allowed here, only GET and HEAD.")
        problem.headers[.allow] = "GET, HEAD"
        return problem
    }

    func response() -> Response {
        let body = (try? JSONEncoder.answers.encode(self)) ?? Data()
        return Response(
            status: code, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}

/// Gives every error one form.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let response = problem(error, request, context).response()
            // Where no address is found, nobody else leaves the body out.
            return request.method == .head ? response.createHeadResponse() : response
        }
    }

    private func problem(_ error: any Error, _ request: Request, _ context: Context) -> Problem {
        switch error {
        case let problem as Problem:
            return problem
        case let fault as ReportFault:
            return Problem(.badRequest, "\(fault)")
        case let error as any HTTPResponseError:
            guard error.status != .notFound else {
                return Problem(.notFound, "There is nothing at \(request.uri.path).")
            }
            return Problem(error.status, "The request cannot be answered as it is.")
        default:
            context.logger.error("\(error)")
            return Problem(.internalServerError, "The store could not be read; the aggregator's log says why.")
        }
    }
}

/// Everything is only read, so whoever asks by another method is told which there are.
struct MethodMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard request.method == .get || request.method == .head else {
            throw Problem.methodNotAllowed(request.method)
        }
        return try await next(request, context)
    }
}
