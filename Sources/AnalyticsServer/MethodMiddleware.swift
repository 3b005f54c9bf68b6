import Hummingbird

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
