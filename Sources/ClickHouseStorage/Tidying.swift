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
            let stored = StoredDeletion(parts: deletion.parts.map { StoredPart($0) }, sequence: deletion.sequence)
            try await self.settings.set(["": stored], .deletion)
            var count = 0
            for part in parts where try await self.delete(part) { count += 1 }
            let hidden = try await self.hiddenParts().filter { hidden in
                parts.contains { part in
                    part == hidden
                        || part.outcomeID == nil && part == RulePart(site: hidden.site, ruleID: hidden.ruleID)
                }
            }
            try await self.hide(false, hidden)
            // Every aggregator reads its names again.
            try await self.settings.set(["": true], .namesDeleted)
            state.names = nil
            return count
        }
    }

    /// Whether there was one.
    private func delete(_ part: RulePart) async throws(StorageError) -> Bool {
        guard let siteID = try await id(of: DimensionName(part.site), under: dimensionRoot),
            let ruleID = try await id(of: DimensionName(part.ruleID), under: siteID)
        else { return false }
        guard let outcome = part.outcomeID else {
            try await set(.deleted, ruleID, under: siteID)
            return true
        }
        guard let outcomeID = try await id(of: DimensionName(outcome), under: ruleID) else { return false }
        try await set(.deleted, outcomeID, under: ruleID)
        // One without any outcome has no records.
        if try await children(of: "\(ruleID)").isEmpty { try await set(.deleted, ruleID, under: siteID) }
        return true
    }

    private func set(_ newState: NameTree.State, _ id: Int64, under parentID: Int64) async throws(StorageError) {
        var rows = RowBinary()
        rows.append(parentID, id)
        rows.append(0 as UInt8)
        rows.append("")
        rows.append(newState.rawValue)
        try await home.insert(rows, into: "name")
    }

    public func unfinishedDeletion() async throws(StorageError) -> Deletion? {
        let stored: [String: StoredDeletion] = try await settings.all(.deletion)
        return stored[""].map { Deletion(Set($0.parts.map(\.part)), through: $0.sequence) }
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
            if table == "name" { try await self.set(.purged, id, under: parentID) }
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
        try await change { (_) throws(StorageError) in
            try await self.settings.set(["": StoredDeletion?.none], .deletion)
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

private struct StoredDeletion: Codable {
    let parts: [StoredPart]
    let sequence: Int64
}
