import ConfigurationFile
import Statistics
import Storage

/// What is counted under one rule version in some time. Visitors are distinct subjects.
public struct OutcomesReport: Codable, Sendable, Equatable {
    public struct Outcome: Codable, Sendable, Equatable {
        /// nil for all those together that came when the rule's limit of outcomes was reached.
        public let outcomeId: String?
        /// What people call it; nil where none is declared.
        public let outcomeName: String?
        /// By the cohort: visitors whose first exposure to it lies in the time. By activity: visitors who met it, added up
        /// over days.
        public let exposed: Int
        /// All recorded exposures, repeats included.
        public let exposures: Int
        /// Those of `exposed` whose window had not passed at `asOf`; nil by activity.
        public let maturing: Int?
        /// The declared group that it is in, by name; nil where it is in none.
        public let group: String?
        /// What may be said of it beside its group's baseline, of the group's whole time.
        public let verdict: Verdict
        /// Sorted by name.
        public let conversions: [Conversion]
    }

    public struct Conversion: Codable, Sendable, Equatable {
        /// nil for all those together that came when the outcome's limit of conversions was reached.
        public let conversion: String?
        /// By the cohort: those of `exposed` that did it within the window; nil where the rule version has no exposures at all.
        /// By activity: visitors that did it, added up over days.
        public let converted: Int?
        /// `converted` ÷ `exposed`; nil where nobody was exposed.
        public let rate: Double?
        /// Where the rate is with 95 % confidence, for one look (Wilson); nil by activity, where visitors may be in it
        /// several times.
        public let rateInterval: Bounds?
        /// Visitors that did it for the first time and were never exposed; nil by activity.
        public let unattributed: Int?
        /// Visitors that did it for the first time, exposed or not; nil by activity.
        public let visitors: Int?
        /// All recorded calls, repeats included.
        public let events: Int
    }

    public let site: String
    public let ruleId: String
    /// What people call it; nil where none is declared.
    public let ruleName: String?
    public let basis: Basis
    /// A name of the tz database.
    public let timeZone: String
    /// Where the time begins, and before which moment it ends; nil where that is open.
    public let from: String?
    public let to: String?
    /// The start of the quarter of an hour up to which all records are counted, which is the running one unless there is a
    /// backlog: what matures is told there.
    public let asOf: Timestamp
    /// How many days after a first exposure of now a conversion belongs to it; a group has its own.
    public let windowDays: Int
    /// When the subject secret was changed, so that returning visitors counted anew from then on; the first one's beginning
    /// is not among them.
    public let epochs: [Timestamp]
    /// Sorted by name.
    public let outcomes: [Outcome]
    /// What is to be known of the figures: a sentence each.
    public let notes: [String]
    /// The declared groups, each since it began, whatever the report's time; outcomes that are in none cannot be compared, as
    /// nothing says that they are random.
    public let groups: [GroupReport]

    /// Each conversion with the outcome that it is under.
    public var rows: [(outcome: Outcome, conversion: Conversion)] {
        outcomes.flatMap { outcome in outcome.conversions.map { (outcome, $0) } }
    }

    /// What a table shows for rules, outcomes or conversions that have no name of their own.
    public static let otherName = "(other)"
}
