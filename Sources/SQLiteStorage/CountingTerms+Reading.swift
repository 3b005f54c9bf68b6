import GRDB
import Storage

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
            guard let outcome = try Dimension.find(name, under: group.ruleID, in: database),
                let conversion = try Dimension.find(declared.conversion, under: outcome.id, in: database)
            else { return nil }
            return Group.Member(outcomeID: outcome.id, conversionID: conversion.id)
        }
    }
}
