import FoundationEssentials
import Hummingbird

/// An error as RFC 9457 has it.
struct Problem: Error, Encodable {
    let title: String
    let status: Int
    let detail: String

    private let code: HTTPResponse.Status

    private enum CodingKeys: CodingKey {
        case title, status, detail
    }

    init(_ status: HTTPResponse.Status, _ detail: String) {
        code = status
        title = status.reasonPhrase
        self.status = status.code
        self.detail = detail
    }

    func response() -> Response {
        let body = (try? JSONEncoder().encode(self)) ?? Data()
        return Response(
            status: code, headers: [.contentType: "application/problem+json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}

/// Gives every error one form.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return problem.response()
        } catch let error as any HTTPResponseError {
            let isMissing = error.status == .notFound
            return Problem(error.status, isMissing ? "There is nothing at \(request.uri.path)." : "\(error)").response()
        } catch {
            context.logger.error("\(error)")
            return Problem(.internalServerError, "The store could not be read; the aggregator's log says why.")
                .response()
        }
    }
}
