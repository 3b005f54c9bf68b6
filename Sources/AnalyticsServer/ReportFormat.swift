import Hummingbird

/// The form that a report is asked for in: by `format`, otherwise what `Accept` prefers, JSON where it prefers none.
enum ReportFormat: String, CaseIterable {
    case json
    case csv
    case ndjson

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
        }
    }

    /// How the answer is to be saved as a file. Browsers show JSON, and use the name where somebody saves it.
    func contentDisposition(_ name: [String]) -> String {
        "\(self == .json ? "inline" : "attachment"); \(FileName(name, suffix: rawValue).parameters)"
    }

    var contentType: String {
        switch self {
        case .json: "application/json; charset=utf-8"
        case .csv: "text/csv; charset=utf-8; header=present"
        case .ndjson: "application/x-ndjson; charset=utf-8"
        }
    }
}
