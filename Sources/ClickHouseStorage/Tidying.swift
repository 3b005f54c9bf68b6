import FoundationEssentials
import Records
import Storage

extension ClickHouseOutcomeStore {
    public func setHidden(_ isHidden: Bool, _ parts: [RulePart]) async throws(StorageError) -> Int {
        try await change { (_) throws(StorageError) in
            let hidden = try await self.hiddenParts()
            let changed = Set(parts).filter { hidden.contains($0) != isHidden }
            try await self.hide(isHidden, changed)
            return changed.count
        }
    }

    private func hide(_ isHidden: Bool, _ parts: some Sequence<RulePart>) async throws(StorageError) {
        var values: [String: StoredPart?] = [:]
        for part in parts {
            let stored = StoredPart(part)
            values[stored.key] = .some(isHidden ? stored : nil)
        }
        try await settings.set(values, .hidden)
    }

    public func hiddenParts() async throws(StorageError) -> Set<RulePart> {
        let parts: [String: StoredPart] = try await settings.all(.hidden)
        return Set(parts.values.map(\.part))
    }

    public func delete(_ parts: [RulePart], noting deletion: Deletion) async throws(StorageError) -> Int {
        try await change { (state) throws(StorageError) in
            var names: [StoredDeletion.Name] = []
            var count = 0
            for part in parts {
                let found = try await self.names(of: part, besides: names)
                if !found.isEmpty { count += 1 }
                names += found
            }
            let hidden = try await self.hiddenParts().filter { hidden in
                parts.contains { part in
                    part == hidden
                        || part.outcomeID == nil && part == RulePart(site: hidden.site, ruleID: hidden.ruleID)
                }
            }
            let stored = StoredDeletion(
                parts: deletion.parts.map { StoredPart($0) }, sequence: deletion.sequence, names: names)
            // With this it is decided. Whoever dies before the rest does it at the next start.
            try await self.settings.set([state.journalKey: stored], .deletion)
            try await self.carryOut(stored, &state)
            try await self.hide(false, hidden)
            return count
        }
    }

    /// Takes the names of what is deleted from everybody. To do it again changes nothing.
    private func carryOut(_ deletion: StoredDeletion, _ state: inout State) async throws(StorageError) {
        var rows = RowBinary()
        for name in deletion.names { rows.append(.deleted, name.id, under: name.parent) }
        try await home.insert(rows, into: "name")
        // Every aggregator reads its names again.
        try await settings.set(["": true], .namesDeleted)
        state.names = nil
    }

    /// What goes with a part: nothing where there is no such one.
    private func names(
        of part: RulePart, besides others: [StoredDeletion.Name]
    ) async throws(StorageError) -> [StoredDeletion.Name] {
        guard let siteID = try await id(of: DimensionName(part.site), under: dimensionRoot),
            let ruleID = try await id(of: DimensionName(part.ruleID), under: siteID)
        else { return [] }
        let rule = StoredDeletion.Name(id: ruleID, parent: siteID)
        guard let outcome = part.outcomeID else { return [rule] }
        guard let outcomeID = try await id(of: DimensionName(outcome), under: ruleID) else { return [] }
        let name = StoredDeletion.Name(id: outcomeID, parent: ruleID)
        // One without any outcome has no records.
        let gone = Set((others + [name]).map(\.id))
        return try await children(of: "\(ruleID)").allSatisfy { gone.contains($0.id) } ? [name, rule] : [name]
    }

    public func unfinishedDeletion() async throws(StorageError) -> Deletion? {
        try await change { (state) throws(StorageError) in
            let stored: [String: StoredDeletion] = try await self.settings.all(.deletion)
            guard let deletion = stored[state.journalKey] else { return nil }
            try await self.carryOut(deletion, &state)
            return Deletion(Set(deletion.parts.map(\.part)), through: deletion.sequence)
        }
    }

    public func purge(
        from place: ExpiryPlace?, rowsMax: Int
    ) async throws(StorageError) -> (removed: Int, next: ExpiryPlace?) {
        try await change { (_) throws(StorageError) in
            var rows = try await self.home.rows(
                """
                SELECT id, parent FROM name GROUP BY parent, id
                HAVING max(state) = \(NameTree.State.deleted.rawValue) ORDER BY id LIMIT 1
                """)
            guard !rows.isAtEnd else { return (0, nil) }
            let (id, parentID) = (try rows.integer(), try rows.integer())
            // A rule version's rows have its id as their rule; an outcome's have its own, or one of its conversions.
            let ids = SQL.list([id] + (try await self.children(of: "\(id)").map(\.id)))
            let conditions = [
                ("fact", "rule = \(id) OR rule = \(parentID) AND outcome = \(id)"),
                ("tally", "rule = \(id) OR rule = \(parentID) AND dimension IN (\(ids))"),
                ("settled", "rule = \(id) OR rule = \(parentID) AND dimension IN (\(ids))"),
                ("answer", "rule = \(id) OR rule = \(parentID) AND outcome = \(id)"),
                // What stands under it, too. What they are called goes with them.
                ("name", "id = \(id) AND state < \(NameTree.State.purged.rawValue) OR parent IN (\(ids))"),
            ]
            // A table a call.
            let step =
                place.flatMap { $0.subject == Self.purgePlace(of: id, 0).subject ? Int($0.ruleNumber) : nil } ?? 0
            guard step < conditions.count else { return (0, ExpiryPlace(ruleNumber: 0, subject: 0)) }
            let (table, condition) = conditions[step]
            if table == "name" {
                var rows = RowBinary()
                rows.append(.purged, id, under: parentID)
                try await self.home.insert(rows, into: "name")
            }
            var count = 0
            for server in self.servers { count += try await server.purge(table, where: condition) }
            return (count, Self.purgePlace(of: id, step + 1))
        }
    }

    /// How far purging has come with what has an id.
    private static func purgePlace(of id: Int64, _ step: Int) -> ExpiryPlace {
        ExpiryPlace(ruleNumber: Int64(step), subject: UInt128(UInt64(bitPattern: id)))
    }

    public func finishDeletion() async throws(StorageError) {
        try await change { (state) throws(StorageError) in
            try await self.settings.set([state.journalKey: StoredDeletion?.none], .deletion)
        }
    }
}

extension ClickHouseServer {
    /// Removes rows; returns how many there were.
    fileprivate func purge(_ table: String, where condition: String) async throws(StorageError) -> Int {
        var rows = try await rows("SELECT toInt64(count()) FROM \(table) WHERE \(condition)")
        let count = Int(try rows.integer())
        if count > 0 { try await delete(from: table, where: condition) }
        return count
    }
}

/// A rule version or an outcome as it stands in the settings.
private struct StoredPart: Codable {
    let site: String
    let rule: String
    /// nil for all of the rule version.
    let outcome: String?

    init(_ part: RulePart) {
        site = part.site
        rule = part.ruleID
        outcome = part.outcomeID
    }

    var part: RulePart { RulePart(site: site, ruleID: rule, outcomeID: outcome) }

    /// Different for different ones: ids are opaque bytes.
    var key: String {
        [site, rule, outcome].map { $0.map { "\($0.utf8.count):\($0)" } ?? "-" }.joined()
    }
}

/// What a journal is to lose, and the names that are deleted with it.
private struct StoredDeletion: Codable {
    struct Name: Codable {
        let id: Int64
        let parent: Int64
    }

    let parts: [StoredPart]
    let sequence: Int64
    let names: [Name]
}

extension RowBinary {
    /// What has become of a name.
    fileprivate mutating func append(_ state: NameTree.State, _ id: Int64, under parentID: Int64) {
        append(parentID, id)
        append(0 as UInt8)
        append("")
        append(state.rawValue)
    }
}
