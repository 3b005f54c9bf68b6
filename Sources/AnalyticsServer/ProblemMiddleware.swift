import Analytics
import Hummingbird

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
