import FoundationEssentials

/// An answer of the analytics: a report, or a problem as RFC 9457 has it.
struct AnalyticsAnswer {
    private struct Problem: Decodable {
        let detail: String
    }

    let status: Int
    let body: [UInt8]

    /// The body of an answer with what was asked for.
    func bodyOfSuccess() throws(CommandFailure) -> [UInt8] {
        guard status != 200 else { return body }
        let problem = try? JSONDecoder().decode(Problem.self, from: Data(body))
        let detail = problem?.detail.escapedForTerminal ?? "the aggregator answered \(status)"
        throw (400..<500).contains(status) ? .data(detail) : .unavailable(detail)
    }
}
