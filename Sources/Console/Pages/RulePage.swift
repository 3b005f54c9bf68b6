import Analytics

/// One rule version: what may be said of its outcomes, and what is counted of them.
struct RulePage {
    /// What a reader wants to know first.
    struct Headline {
        /// `ahead`, `open`, `none` or `alarm`: what colour goes with it.
        let tone: String
        let text: String
        /// How sure that is, or why nothing is said.
        let details: [String]
        /// What is compared, in one line; nil where there is no group.
        let about: String?
        let warnings: [String]
        let isUndeclared: Bool
        let isMismatched: Bool
        /// What the verdict goes by; empty where nothing is compared.
        let rows: [GroupRow]
        let axis: [RateAxis.Tick]
    }

    /// An outcome of a group, with the visitors that are compared.
    struct GroupRow {
        let name: String
        let rate: String
        let interval: String?
        let bar: Bar?
        let converted: String
        let mature: String
        let maturing: String
        let difference: String?
        let differenceInterval: String?
        let verdict: String
        let tone: String
    }

    struct Row {
        /// The name, and the id where that is not the name, in parts between which a line may end.
        let name: [String]
        let id: [String]
        let isBaseline: Bool
        let exposed: String
        let converted: String
        let rate: String
        let interval: String?
        /// On the axis of rates; nil where there is no rate.
        let bar: Bar?
        let difference: String?
        let differenceInterval: String?
        let maturing: String
        let crossed: String?
        let unattributed: String
        let visitors: String
        let events: String
    }

    struct Bar {
        let rate: String
        let low: String?
        let high: String?
        let title: String
    }

    struct Choice {
        let value: String
        let label: String
        let isSelected: Bool
    }

    struct Link {
        let href: String
        let text: String
        let isCurrent: Bool
    }

    struct Chart {
        let caption: String
        let bars: [BarChart.Bar]
        let lines: [BarChart.Line]
        let first: String
        let last: String
        /// The same as a table; empty where another chart has it.
        let rows: [ChartRow]

        init(caption: String, chart: BarChart, first: String, last: String, rows: [ChartRow]) {
            self.caption = caption
            bars = chart.bars
            lines = chart.lines
            self.first = first
            self.last = last
            self.rows = rows
        }
    }

    struct ChartRow {
        let day: String
        let exposed: String
        let converted: String
    }

    struct Refusal {
        let outcome: String
        let door: String
        let status: String
        let reason: String
        let count: String
        let isRefused: Bool
    }

    let frame: Frame
    let name: String
    let id: String?
    let headlines: [Headline]
    let rows: [Row]
    let axis: [RateAxis.Tick]
    let isCohort: Bool
    let isAllTime: Bool
    /// In the time that is shown.
    let hasExposures: Bool
    let hasVisitors: Bool
    /// `date`, or `text` for a moment that a date's field cannot hold.
    let fromKind: String
    let toKind: String
    /// Which columns have anything to say.
    let hasDifferences: Bool
    let hasCrossed: Bool
    let hasUnattributed: Bool
    /// Whether anything but what a page begins with was chosen.
    let isChosen: Bool
    let notes: [String]
    /// What the rates below are worth, beside the verdict.
    let caution: String?
    /// Whether they are not to be compared.
    let isDull: Bool
    let hasGroups: Bool
    let period: String
    let conversions: [Choice]
    let baselines: [Choice]
    let bases: [Choice]
    let zones: [Choice]
    let conversion: String
    let ruleID: String
    let from: String
    let to: String
    let presets: [Link]
    let charts: [Chart]
    let chartProblem: String?
    let refusals: [Refusal]
    let downloads: [Link]
    let journey: String?
    let asOf: String
}
