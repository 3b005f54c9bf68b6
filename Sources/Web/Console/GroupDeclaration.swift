import Analytics

/// What `rules.yaml` has to say for a rule version's outcomes to be compared.
struct GroupDeclaration {
    /// More of them are no test that somebody would declare by hand.
    private static let outcomesMax = 12

    let yaml: String

    /// Nil where there are not two outcomes with ids.
    ///
    /// - Parameter conversion: the one that is to decide; nil where none has a name.
    init?(_ report: OutcomesReport, conversion: String?) {
        let ids = report.outcomes.sorted { $0.exposed > $1.exposed }.compactMap(\.outcomeId).prefix(Self.outcomesMax)
        guard ids.count > 1 else { return nil }
        let weights = ids.map { "              \(Self.quoted($0)): 1" }.joined(separator: "\n")
        yaml = """
            sites:
              \(Self.quoted(report.site)):
                rules:
                  \(Self.quoted(report.ruleId)):
                    groups:
                      test:
                        outcomes:
            \(weights)
                        baseline: \(Self.quoted(ids[0]))
                        conversion: \(Self.quoted(conversion ?? "CUSTOMER"))
            """
    }

    /// In YAML's double quotes, whatever is in it. What does not show, or turns what stands beside it, is written by its number.
    private static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case _
            where [.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory):
                "\\U" + String(repeating: "0", count: 8 - hex(scalar).count) + hex(scalar)
            default: String(Character(scalar))
            }
        }
        return "\"\(escaped.joined())\""
    }

    private static func hex(_ scalar: Unicode.Scalar) -> String {
        String(scalar.value, radix: 16, uppercase: true)
    }
}
