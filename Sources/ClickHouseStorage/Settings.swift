import FoundationEssentials
import Records
import Storage

/// What is declared, hidden or under way, by kind and key, each as JSON.
struct Settings: Sendable {
    enum Kind: String {
        /// A site's windows, by its id.
        case windows
        /// A rule version's groups, by its id.
        case groups
        /// A digest of what an aggregator has declared last, by its journal's id.
        case declarations
        /// A rule version or an outcome that is hidden, by itself.
        case hidden
        /// What a journal is yet to lose, by its id.
        case deletion
        /// Since when subjects of an epoch have come, by it.
        case epoch
        /// Under which epoch subjects are now.
        case currentEpoch
        /// From which versions on the parts of each server's tables have nobody whom an aggregator has erased, by its journal's
        /// id.
        case erasedVersions
        /// Which of how many servers this is.
        case shard
        /// Under which epoch an aggregator's subjects are, by its journal's id.
        case journalEpoch
        /// Who settles subjects, by its journal's id: since when, in milliseconds since 1970.
        case settling
        /// Written whenever names are deleted.
        case namesDeleted
    }

    let server: ClickHouseServer

    /// By key.
    func all<Value: Decodable>(
        _ kind: Kind, of type: Value.Type = Value.self
    ) async throws(StorageError) -> [String: Value] {
        var rows = try await server.rows(
            """
            SELECT key, argMax(value, version), toUInt8(argMax(is_removed, version)) FROM setting
            WHERE kind = '\(kind.rawValue)' GROUP BY key
            """)
        var all: [String: Value] = [:]
        try rows.forEach { (row) throws(StorageError) in
            let (key, json, isRemoved) = (try row.text(), try row.text(), try row.byte())
            guard isRemoved == 0 else { return }
            guard let value = try? JSONDecoder().decode(Value.self, from: Data(json.utf8)) else {
                throw .unusable(store: server.name, reason: "the setting \(kind.rawValue) of its table is unreadable")
            }
            all[key] = value
        }
        return all
    }

    /// Which version of a kind there is; it grows with each change.
    func version(of kind: Kind) async throws(StorageError) -> Int64 {
        var rows = try await server.rows(
            "SELECT max(version) FROM (SELECT version FROM setting WHERE kind = '\(kind.rawValue)' UNION ALL SELECT toInt64(0))"
        )
        return try rows.integer()
    }

    /// Changes some of a kind; nil removes. A key that has changed must not be changed by others at the same moment.
    func set(_ values: [String: (some Encodable)?], _ kind: Kind) async throws(StorageError) {
        guard !values.isEmpty else { return }
        // Later than what was there, whatever clocks say.
        let version = max(WallClock.nowMilliseconds(), try await self.version(of: kind) + 1)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var rows = RowBinary()
        for (key, value) in values {
            rows.append(kind.rawValue)
            rows.append(key)
            // A text, a number or a structure of them is always JSON.
            rows.append(value.flatMap { try? encoder.encode($0) }.map { String(decoding: $0, as: UTF8.self) } ?? "")
            rows.append(value == nil ? 1 as UInt8 : 0)
            rows.append(version)
        }
        try await server.insert(rows, into: "setting")
    }
}
