import Analytics
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
