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
        let body = (try? JSONEncoder.answers.encode(self)) ?? Data()
        return Response(
            status: code, headers: [.contentType: "application/problem+json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
