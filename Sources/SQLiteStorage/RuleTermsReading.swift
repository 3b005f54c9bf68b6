import GRDB
import Storage

extension CountingTerms {
    /// By which terms the subjects of a rule version are counted now.
    init(ofRule ruleID: Int64, site siteID: Int64, in database: Database) throws {
        let windows = try TermsTable.windows(ofSite: siteID, in: database).map { window in
            Window(startQuarter: window.start.number, milliseconds: Self.milliseconds(days: window.days))
        }
        let groups = try TermsTable.groups(ofRule: ruleID, in: database).map { group in
            Group(
                startQuarter: group.period.start.number,
                windowMilliseconds: Self.milliseconds(days: group.period.group.windowDays),
                members: try Self.members(of: group, in: database))
        }
        self.init(windows: windows, groups: groups)
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
