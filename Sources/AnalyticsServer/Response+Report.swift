import Analytics
import Cryptography
import FoundationEssentials
import Hummingbird

extension Response {
    /// A report in one of its forms.
    ///
    /// - Parameter name: the parts of the name under which it is saved, without a suffix.
    static func report(
        _ report: some Encodable, _ table: ReportTable, as format: ReportFormat, named name: [String],
        to request: Request
    ) throws -> Response {
        var response =
            switch format {
            case .json: try json(report, to: request)
            case .csv: text(table.csv, format.contentType, to: request)
            case .ndjson: text(table.ndjson, format.contentType, to: request)
            }
        response.headers[.vary] = "Accept"
        return response.named(name, as: format)
    }

    /// Where there is nothing to save, there is no name.
    func named(_ name: [String], as format: ReportFormat) -> Response {
        guard status == .ok else { return self }
        var response = self
        response.headers[.contentDisposition] = format.contentDisposition(name)
        return response
    }

    static func json(_ value: some Encodable, to request: Request) throws -> Response {
        answer(ByteBuffer(bytes: try JSONEncoder.answers.encode(value)), ReportFormat.json.contentType, to: request)
    }

    static func text(_ text: String, _ contentType: String, to request: Request) -> Response {
        answer(ByteBuffer(string: text), contentType, to: request)
    }

    /// Whoever has the same bytes already gets a 304 (RFC 9110, section 13.1.2).
    private static func answer(_ body: ByteBuffer, _ contentType: String, to request: Request) -> Response {
        let digest = body.withUnsafeReadableBytes { SHA256.hash(of: $0) }.bytes.prefix(16)
        let tag = "\"" + digest.map { String(UInt16($0) + 0x100, radix: 16).suffix(2) }.joined() + "\""
        var headers: HTTPFields = [.eTag: tag, .cacheControl: "private, no-cache"]
        if EntityTags(request.headers[values: .ifNoneMatch]).contain(tag) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = contentType
        headers[.xContentTypeOptions] = "nosniff"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }
}
