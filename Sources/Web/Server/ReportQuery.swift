import Analytics
import Cryptography
import FoundationEssentials
import Hummingbird

/// What stands behind the question mark.
struct ReportQuery {
    /// What a report of a range of time is asked with.
    static let time: Set<String> = ["from", "to", "timeZone"]

    /// Of several values of a name the first.
    private let values: [String: String]

    /// - Parameter known: the names that have a meaning. One that has none is refused, since whoever wrote `timezone` for
    ///   `timeZone` would be told other numbers.
    init(_ request: Request, known: Set<String>) throws(Problem) {
        let parts = FormText.pairs(request.uri.query ?? "")
        for (name, _) in parts where !known.contains(name) {
            let names = known.sorted().joined(separator: ", ")
            throw Problem(.badRequest, "There is no parameter '\(name)' here, only \(names).")
        }
        values = Dictionary(parts) { first, _ in first }
    }

    /// nil where there is none.
    subscript(_ name: String) -> String? {
        values[name]
    }

    /// - Parameter report: what is asked for, as its address has it.
    func ruleID(for report: String) throws(Problem) -> String {
        guard let ruleID = self["ruleId"] else { throw Problem(.badRequest, "Name a rule version: \(report)?ruleId=…") }
        return ruleID
    }

    func period() throws(Problem) -> ReportPeriod {
        do throws(ReportFault) {
            return try ReportPeriod(from: self["from"], to: self["to"], timeZone: self["timeZone"])
        } catch {
            throw Problem(.badRequest, "\(error)")
        }
    }

    /// nil where there is none.
    func asOf() throws(Problem) -> ReportDay? {
        guard let text = self["asOf"] else { return nil }
        do throws(ReportFault) {
            return try ReportDay(text)
        } catch {
            throw Problem(.badRequest, "\(error)")
        }
    }

    /// One of the values that a type has, by name.
    func choice<Value>(_ name: String) throws(Problem) -> Value?
    where Value: RawRepresentable<String> & CaseIterable {
        guard let text = self[name] else { return nil }
        guard let value = Value(rawValue: text) else {
            let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(.badRequest, "\(name) has to be one of \(known), not '\(text)'.")
        }
        return value
    }
}

/// The form that a report is asked for in: by `format`, otherwise what `Accept` prefers, JSON where it prefers none.
enum ReportFormat: String, CaseIterable {
    case json
    case csv
    case ndjson
    case xlsx

    init(_ request: Request, _ query: ReportQuery) throws(Problem) {
        if let format: ReportFormat = try query.choice("format") {
            self = format
            return
        }
        let accepted = AcceptedTypes(request.headers[values: .accept].joined(separator: ","))
        let best = Self.allCases.map { (format: $0, quality: accepted.quality(of: $0.mediaType)) }
            .reduce((format: .json, quality: 0)) { $1.quality > $0.quality ? $1 : $0 }
        self = best.format
    }

    private var mediaType: String {
        switch self {
        case .json: "application/json"
        case .csv: "text/csv"
        case .ndjson: "application/x-ndjson"
        case .xlsx: Self.workbook
        }
    }

    private static let workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    /// How the answer is to be saved as a file. Browsers show JSON, and use the name where somebody saves it.
    func contentDisposition(_ name: [String]) -> String {
        "\(self == .json ? "inline" : "attachment"); \(FileName(name, suffix: rawValue).parameters)"
    }

    var contentType: String {
        switch self {
        case .json: "application/json; charset=utf-8"
        case .csv: "text/csv; charset=utf-8; header=present"
        case .ndjson: "application/x-ndjson; charset=utf-8"
        case .xlsx: Self.workbook
        }
    }
}

/// The header `Accept`: which media types are wanted, and how much.
///
/// Source: RFC 9110, section 12.5.1.
struct AcceptedTypes {
    private var qualities: [String: Double] = [:]

    init(_ header: String) {
        for range in header.lowercased().filter({ $0 != " " && $0 != "\t" }).split(separator: ",") {
            let parts = range.split(separator: ";")
            guard let type = parts.first else { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }?.dropFirst(2)
            qualities[String(type)] = quality.map { Double($0) ?? 0 } ?? 1
        }
    }

    /// From 0, unwanted, to 1. The range that fits most closely counts: `text/csv` before `text/*` before `*/*`.
    func quality(of type: String) -> Double {
        let family = type.prefix { $0 != "/" } + "/*"
        return qualities[type] ?? qualities[String(family)] ?? qualities["*/*"] ?? 0
    }
}

/// The name under which an answer is to be saved. Ids and names are anything, and file systems are particular.
struct FileName {
    /// File systems allow for 255.
    private static let bytesMax = 200

    private let text: String

    /// - Parameters:
    ///   - parts: what the name tells, in order.
    ///   - suffix: without its dot.
    init(_ parts: [String], suffix: String) {
        let cleaned = parts.joined(separator: "-").unicodeScalars.map { scalar in
            let isPlain = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            return isPlain || "._-".unicodeScalars.contains(scalar) ? Character(scalar) : "-"
        }
        // A name that begins with a dot is hidden, or a directory.
        var visible = String(cleaned.drop { $0 == "." || $0 == "-" })
        while visible.utf8.count > Self.bytesMax { visible.removeLast() }
        text = (visible.isEmpty ? "export" : visible) + "." + suffix
    }

    /// As the parameters of `Content-Disposition`: in ASCII, and as it is (RFC 6266, section 4.3).
    var parameters: String {
        let ascii = String(text.map { $0.isASCII ? $0 : "-" })
        guard ascii != text else { return "filename=\"\(ascii)\"" }
        return "filename=\"\(ascii)\"; filename*=UTF-8''\(text.percentEncoded)"
    }
}

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
            case .xlsx: answer(ByteBuffer(bytes: try workbook(of: table)), format.contentType, to: request)
            }
        response.headers[.vary] = "Accept"
        return response.named(name, as: format)
    }

    private static func workbook(of table: ReportTable) throws(Problem) -> [UInt8] {
        guard let workbook = table.xlsx(name: "rule-outcomes") else {
            throw Problem(
                .badRequest,
                "A sheet holds \(ReportTable.xlsxRowsMax) rows, and the report has \(table.rows.count): take format=csv, or ask for less time."
            )
        }
        return workbook
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
        let tag = "\"" + body.withUnsafeReadableBytes { SHA256.hash(of: $0) }.hex(bytes: 16) + "\""
        var headers: HTTPFields = [.eTag: tag, .cacheControl: "private, no-cache"]
        if EntityTags(request.headers[values: .ifNoneMatch]).contain(tag) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = contentType
        headers[.xContentTypeOptions] = "nosniff"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }
}

/// The header `If-None-Match`: which forms of an answer whoever asks has already.
///
/// Source: RFC 9110, section 13.1.2; tags are compared weakly, as it wants.
struct EntityTags {
    private let tags: Set<Substring>

    /// - Parameter values: of each line of the header.
    init(_ values: [String]) {
        tags = Set(
            values.flatMap { $0.split(separator: ",") }.map { tag in
                let trimmed = tag.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
                return trimmed.hasPrefix("W/") ? trimmed.dropFirst(2) : trimmed
            })
    }

    /// `tag` with its quotes. It holds no comma.
    func contain(_ tag: String) -> Bool {
        tags.contains("*") || tags.contains(Substring(tag))
    }
}

extension JSONEncoder {
    /// For every answer: the same bytes for the same report, and the slashes that outcome ids are full of as they are.
    static var answers: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
