import AsyncHTTPClient
import ConfigurationFile
import FoundationEssentials
import NIOCore

/// Sends conversions to the endpoint as pages do.
struct ConversionSender: Sendable {
    private struct Body: Encodable {
        let ruleId: String
        let outcomeId: String
        let conversion: String
    }

    private static let timeout = TimeAmount.seconds(10)
    private static let answerBytesMax = 64 * 1024

    let client: HTTPClient
    let url: EndpointURL
    let ruleID: String
    let credentials: SimulatedCredentials

    /// Throws when nothing answers. What is sent is no conversion.
    func probe() async throws(CommandFailure) {
        do {
            _ = try await exchange(HTTPClientRequest(url: url.text))
        } catch {
            throw .unavailable(ConnectionFault(error).explanation(url: url.description))
        }
    }

    /// Sends the conversion until it is answered 201, and returns how many attempts it took.
    func send(_ step: SimulationPlan.Step, of visitor: SimulatedVisitor) async throws -> Int {
        var schedule = RetrySchedule()
        while true {
            schedule.begin()
            let request = try request(step, of: visitor)
            let (answer, retryAfterSeconds) = await attempt(request)
            switch answer {
            case .recorded: return schedule.attempts
            case .refused(let reason): throw CommandFailure.negative("a conversion was refused: \(reason)")
            case .again(let reason):
                guard !schedule.isExhausted else {
                    let count = RetrySchedule.attemptsMax
                    throw CommandFailure.unavailable("a conversion was not recorded in \(count) attempts: \(reason)")
                }
                try await Task.sleep(for: schedule.pause(retryAfterSeconds: retryAfterSeconds))
            }
        }
    }

    private func attempt(_ request: HTTPClientRequest) async -> (ConversionAnswer, retryAfterSeconds: Int?) {
        do {
            let (response, body) = try await exchange(request)
            let answer = ConversionAnswer(status: Int(response.status.code), body: body)
            return (answer, response.headers.first(name: "Retry-After").flatMap { Int($0) })
        } catch {
            return (.again(reason: ConnectionFault(error).explanation(url: url.description)), nil)
        }
    }

    private func exchange(_ request: HTTPClientRequest) async throws -> (HTTPClientResponse, String) {
        let response = try await client.execute(request, timeout: Self.timeout)
        let body = try await response.body.collect(upTo: Self.answerBytesMax)
        return (response, String(buffer: body))
    }

    private func request(
        _ step: SimulationPlan.Step, of visitor: SimulatedVisitor
    ) throws -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url.text)
        request.method = .POST
        let body = Body(ruleId: ruleID, outcomeId: visitor.outcomeID, conversion: step.conversion)
        request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(body)))
        request.headers.add(name: "Content-Type", value: "application/json")
        var cookies = "blaize_tracking_id=\(visitor.trackingID)"
        if let place = step.place, let token = try credentials.token(visitor: step.visitor) {
            switch place {
            case .bearer: request.headers.add(name: "Authorization", value: "Bearer \(token)")
            case .zephrHeader: request.headers.add(name: "X-Zephr-Jwt", value: token)
            case .blaizeHeader: request.headers.add(name: "X-Blaize-Jwt", value: token)
            case .cookie: cookies += "; blaize_jwt=\(token)"
            case .query, .session: preconditionFailure("tokens are not put there")
            }
        }
        request.headers.add(name: "Cookie", value: cookies)
        return request
    }
}
