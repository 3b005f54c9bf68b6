import Analytics
import Hummingbird

/// What stands behind the question mark. What nobody asks for there is passed over.
struct ReportQuery {
    private let request: Request

    init(_ request: Request) {
        self.request = request
    }

    /// nil where there is none; of several the first.
    subscript(_ name: Substring) -> String? {
        request.uri.queryParameters[name].map(String.init)
    }

    /// - Parameter report: what is asked for, as its address has it.
    func ruleID(for report: String) throws(Problem) -> String {
        guard let ruleID = self["ruleId"] else { throw Problem(.badRequest, "Name a rule version: \(report)?ruleId=…") }
        return ruleID
    }

    func period() throws(Problem) -> ReportPeriod {
        do throws(PeriodFault) {
            return try ReportPeriod(from: self["from"], to: self["to"], timeZone: self["timeZone"])
        } catch {
            throw Problem(.badRequest, "\(error)")
        }
    }

    /// One of the values that a type has, by name.
    func choice<Value>(_ name: Substring) throws(Problem) -> Value?
    where Value: RawRepresentable<String> & CaseIterable {
        guard let text = self[name] else { return nil }
        guard let value = Value(rawValue: text) else {
            let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(.badRequest, "\(name) has to be one of \(known), not '\(text)'.")
        }
        return value
    }
}

/// The rows of an export: one for each outcome, or one for each outcome and day.
enum ExportRows: String, CaseIterable {
    case total, daily
}
