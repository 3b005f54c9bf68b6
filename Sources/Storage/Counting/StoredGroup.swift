/// A declared group as it stands in a store. Declared names are never `other`.
package struct StoredGroup: Codable, Equatable {
    package struct Share: Codable, Equatable {
        let outcome: String
        let weight: Int
    }

    package struct Guardrail: Codable, Equatable {
        let conversion: String
        let margin: Double
    }

    let name: String
    let shares: [Share]
    let baseline: String
    let conversion: String
    let windowDays: Int
    let tau: Double
    /// nil for none.
    let guardrails: [Guardrail]?

    package init(_ group: DeclaredGroup) {
        name = group.name
        shares = group.shares.map { Share(outcome: $0.outcome.description, weight: $0.weight) }
        baseline = group.baseline.description
        conversion = group.conversion.description
        windowDays = group.windowDays
        tau = group.tau
        let guardrails = group.guardrails.map {
            Guardrail(conversion: $0.conversion.description, margin: $0.margin)
        }
        self.guardrails = guardrails.isEmpty ? nil : guardrails
    }

    package var group: DeclaredGroup {
        DeclaredGroup(
            name: name,
            shares: shares.map { DeclaredGroup.Share(outcome: DimensionName($0.outcome), weight: $0.weight) },
            baseline: DimensionName(baseline), conversion: DimensionName(conversion), windowDays: windowDays,
            tau: tau,
            guardrails: (guardrails ?? []).map {
                DeclaredGroup.Guardrail(conversion: DimensionName($0.conversion), margin: $0.margin)
            })
    }
}
