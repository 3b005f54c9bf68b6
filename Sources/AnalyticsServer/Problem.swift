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
