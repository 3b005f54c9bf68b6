import GRDB
import Storage

/// By which windows and groups the subjects of one rule version are counted.
struct CountingTerms {
    struct Window {
        let startQuarter: Int64
        let milliseconds: Int64
    }

    struct Group {
        struct Member {
            let outcomeID: Int64
            /// Those of the group under this outcome, in the group's order.
            let conversionIDs: [Int64]
        }

        let startQuarter: Int64
        let windowMilliseconds: Int64
        /// Sorted by the outcomes' names: of two exposures in the same millisecond, that to the first one counts.
        let members: [Member]
    }

    /// The earliest first.
    let windows: [Window]
    let groups: [Group]

    /// The window of a first exposure at that time. The first one holds for all time before, too.
    func windowMilliseconds(at milliseconds: Int64) -> Int64 {
        let quarter = Quarter(containing: milliseconds).number
        let window = windows.last { $0.startQuarter <= quarter } ?? windows.first
        return window?.milliseconds ?? Int64(CountingWindow.defaultDays) * CountingWindow.dayMilliseconds
    }

    /// The times in which a conversion belongs to an exposure.
    static func span(around exposure: Int64, windowMilliseconds: Int64) -> ClosedRange<Int64> {
        let start = exposure.subtractingReportingOverflow(CountingWindow.leadMilliseconds)
        let end = exposure.addingReportingOverflow(windowMilliseconds)
        return (start.overflow ? .min : start.partialValue)...(end.overflow ? .max : end.partialValue)
    }
}

extension CountingTerms {
    /// By which terms the subjects of a rule version are counted now.
    init(ofRule ruleID: Int64, site siteID: Int64, in database: Database) throws {
        windows = try TermsTable.windows(ofSite: siteID, in: database).map { window in
            Window(startQuarter: window.start.number, milliseconds: Self.milliseconds(days: window.days))
        }
        groups = try TermsTable.groups(ofRule: ruleID, in: database).map { group in
            Group(
                startQuarter: group.period.start.number,
                windowMilliseconds: Self.milliseconds(days: group.period.group.windowDays),
                members: try Self.members(of: group, in: database))
        }
    }

    static func milliseconds(days: Int) -> Int64 {
        Int64(days) * CountingWindow.dayMilliseconds
    }

    /// The ids were given when the group was declared.
    static func members(of group: TermsTable.Group, in database: Database) throws -> [Group.Member] {
        let declared = group.period.group
        return try declared.shares.map(\.outcome).sorted().compactMap { name in
            guard let outcome = try Dimension.find(name, under: group.ruleID, in: database) else { return nil }
            let conversions = try declared.conversions.compactMap {
                try Dimension.find($0, under: outcome.id, in: database)?.id
            }
            guard conversions.count == declared.conversions.count else { return nil }
            return Group.Member(outcomeID: outcome.id, conversionIDs: conversions)
        }
    }
}
