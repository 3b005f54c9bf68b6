import Hummingbird

/// The form that a report is asked for in: `format=csv` or `format=json`; otherwise CSV where `Accept` names it, and
/// JSON where it does not.
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
            self = request.headers[.accept]?.contains("text/csv") == true ? .csv : .json
        }
    }
}
