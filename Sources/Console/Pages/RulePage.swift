import Analytics

/// One rule version: what may be said of its outcomes, and what is counted of them.
struct RulePage {
    /// What a reader wants to know first.
    struct Headline {
        /// `ahead`, `behind`, `open`, `none`: what colour and sign go with it.
        let tone: String
        let text: String
        /// How sure that is, or why nothing is said.
        let details: [String]
        /// Of which group; nil where there is none.
        let group: String?
        let conversion: String?
        let warnings: [String]
        let isUndeclared: Bool
    }

    struct Row {
        let name: String
        let id: String?
        let isBaseline: Bool
        let verdict: String
        let verdictTone: String
        let verdictReason: String?
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
        var hasRows: Bool

        init(caption: String, chart: BarChart, first: String, last: String, rows: [ChartRow]) {
            self.caption = caption
            bars = chart.bars
            lines = chart.lines
            self.first = first
            self.last = last
            self.rows = rows
            hasRows = !rows.isEmpty
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
    let hasExposures: Bool
    let hasGroups: Bool
    let notes: [String]
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
    let hasRefusals: Bool
    let downloads: [Link]
    let journey: String?
    let asOf: String
}
