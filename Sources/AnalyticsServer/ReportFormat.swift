import Hummingbird

/// The form that a report is asked for in: `format=csv` or `format=json`, otherwise what `Accept` prefers, JSON where it
/// prefers neither.
enum ReportFormat: String {
    case json
    case csv

    init(_ request: Request) throws(Problem) {
        if let name = request.uri.queryParameters["format"] {
            guard let format = ReportFormat(rawValue: String(name)) else {
                throw Problem(.badRequest, "There is no format '\(name)'. Ask for format=json or format=csv.")
            }
            self = format
        } else {
            let accepted = AcceptedTypes(request.headers[values: .accept].joined(separator: ","))
            self = accepted.quality(of: "text/csv") > accepted.quality(of: "application/json") ? .csv : .json
        }
    }
}
