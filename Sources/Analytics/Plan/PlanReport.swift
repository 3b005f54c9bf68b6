import ConfigurationFile
import Statistics

/// What somebody wants to know who is about to begin a test.
public struct PlanQuestion: Sendable, Equatable {
    /// Of the baseline, from 0 to 1.
    public let rate: Double
    /// Of all outcomes together.
    public let visitorsDaily: Double
    /// Of a rate, and of a difference: less is none.
    private static let least = 1e-7

    /// How visitors are split: of the baseline, then of each other outcome.
    public let weights: [Int]
    /// The smallest difference of rates that is worth acting on; greater than 0.
    public let difference: Double
    public let windowDays: Int
    /// As it is to be declared; nil for the one that shows the difference the soonest.
    public let tau: Double?
    /// How many the group is to have.
    public let guardrails: Int

    public init(
        rate: Double, visitorsDaily: Double, weights: [Int] = [1, 1], difference: Double, windowDays: Int = 7,
        tau: Double? = nil, guardrails: Int = 0
    ) throws(PlanFault) {
        guard rate >= Self.least, rate < 1 else { throw .rate }
        guard visitorsDaily >= 1, visitorsDaily <= 1e9 else { throw .visitors }
        guard (2...64).contains(weights.count), weights.allSatisfy({ (1...1_000_000).contains($0) }) else {
            throw .split
        }
        guard difference >= Self.least, rate + difference < 1 else { throw .difference }
        guard (1...90).contains(windowDays) else { throw .window }
        if let tau, !OutcomeGroup.tauAllowed.contains(tau) { throw .tau }
        guard (0...OutcomeGroup.guardrailsMax).contains(guardrails) else { throw .guardrails }
        self.rate = rate
        self.visitorsDaily = visitorsDaily
        self.weights = weights
        self.difference = difference
        self.windowDays = windowDays
        self.tau = tau
        self.guardrails = guardrails
    }

    /// As people write it: `50:50`.
    public var split: String { weights.map { "\($0)" }.joined(separator: ":") }

    /// `, 2 guardrails`; empty where there are none.
    public var guardrailsText: String {
        guardrails == 0 ? "" : ", \(guardrails) guardrail\(guardrails == 1 ? "" : "s")"
    }

    /// The weights of a split as people write it: `50:50`, `1:1:2`.
    public static func weights(_ text: String) throws(PlanFault) -> [Int] {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in
            part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil
        }
        guard numbers.count == parts.count else { throw .split }
        return numbers
    }
}

/// What cannot be planned, and what could be.
public enum PlanFault: Error, Sendable, CustomStringConvertible {
    case rate
    case visitors
    case split
    case difference
    case window
    case tau
    case guardrails

    public var description: String {
        switch self {
        case .rate: "The baseline's rate has to be between 0.00001 and 100 %, such as 4.2."
        case .visitors: "Visitors a day have to be a number from 1 to 1000000000."
        case .split:
            "The split has to be 2 to 64 weights from 1 to 1000000 with colons between, the baseline's first, such as 50:50 or 1:1:2."
        case .difference:
            "The difference has to be in percentage points, from 0.00001, such as 0.5, and the rate with it below 100 %."
        case .window: "The window has to be from 1 to 90 days."
        case .guardrails: "Guardrails have to be a number from 0 to \(OutcomeGroup.guardrailsMax)."
        case .tau:
            "tau has to be from \(OutcomeGroup.tauAllowed.lowerBound) to \(OutcomeGroup.tauAllowed.upperBound), such as 0.01."
        }
    }
}

/// How long a test takes that has not begun, for differences around the one that is worth acting on.
public struct PlanReport: Sendable, Equatable {
    public struct Row: Sendable, Equatable {
        /// The outcome's true rate less the baseline's.
        public let difference: Double
        /// In proportion to the baseline's rate.
        public let lift: Double
        /// The day of the test by which half of all such tests have a verdict, the first visitors' window included; nil for more than
        /// `daysMax`.
        public let halfByDay: Int?
        /// The same of four in five.
        public let fourInFiveByDay: Int?
    }

    public let question: PlanQuestion
    public let tau: Double
    /// In rising order of the difference; that of the question is among them.
    public let rows: [Row]

    /// What takes longer is not planned; the window comes to it.
    public static let daysMax = Int(TestPlan.daysMax)

    private static let multiples = [0.5, 1, 1.5, 2, 3, 4]

    public init(_ question: PlanQuestion) throws(PlanFault) {
        guard
            let plan = TestPlan(
                baselineRate: question.rate, subjectsDaily: question.visitorsDaily, weights: question.weights,
                level: .fivePercent.shared(among: 1 + question.guardrails))
        else { throw .rate }
        let allowed = OutcomeGroup.tauAllowed
        let tau = question.tau ?? min(max(plan.tau(for: question.difference), allowed.lowerBound), allowed.upperBound)
        self.question = question
        self.tau = tau
        rows = Self.multiples.map { $0 * question.difference }.filter { question.rate + $0 < 1 }.map { difference in
            let days = plan.days(difference: difference, tau: tau, probabilities: [0.5, 0.8])
                .map { $0.map { $0 + question.windowDays } }
            return Row(
                difference: difference, lift: difference / question.rate, halfByDay: days[0], fourInFiveByDay: days[1]
            )
        }
    }

    /// Of the difference that was asked about.
    public var main: Row? {
        rows.first { $0.difference == question.difference }
    }
}
