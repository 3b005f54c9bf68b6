import Cryptography
import Records
import Storage

/// The names of sites, of their rule versions, of the outcomes of each, and of the conversions of each.
///
/// A name's id is made of it and of what it stands under, so that several aggregators give it the same one and need not agree
/// on that. One that was deleted is never given again: whoever comes next by that name gets the id of another generation.
struct NameTree: DimensionTable {
    typealias Failure = Never

    /// What became of a name, as the table has it.
    enum State: UInt8 {
        case there = 0
        /// Nobody finds it any more, and its rows are to go.
        case deleted = 1
        /// Its rows are gone.
        case purged = 2
    }

    private struct Key: Hashable {
        let parentID: Int64
        let name: DimensionName
    }

    private var ids: [Key: Int64] = [:]
    private var children: [Int64: Int] = [:]
    private var goneIDs: Set<Int64> = []
    /// Rows that the table does not have yet.
    private(set) var added = RowBinary()

    /// All names that there are.
    init(from server: ClickHouseServer) async throws(StorageError) {
        var rows = try await server.rows(
            "SELECT parent, id, max(is_other), any(text), max(state) FROM name GROUP BY parent, id")
        try rows.forEach { (row) throws(StorageError) in
            let (parentID, id) = (try row.integer(), try row.integer())
            let name = try row.dimensionName()
            if try row.byte() == State.there.rawValue {
                put(name, id, under: parentID)
            } else {
                goneIDs.insert(id)
            }
        }
    }

    func id(of name: DimensionName, under parentID: Int64) -> Int64? {
        ids[Key(parentID: parentID, name: name)]
    }

    func find(_ name: DimensionName, under parentID: Int64) -> (id: Int64, children: Int)? {
        id(of: name, under: parentID).map { ($0, children[$0] ?? 0) }
    }

    mutating func insert(_ name: DimensionName, under parentID: Int64) -> Int64 {
        var generation: Int64 = 0
        var id = Self.id(of: name, under: parentID, generation)
        while goneIDs.contains(id) {
            generation += 1
            id = Self.id(of: name, under: parentID, generation)
        }
        put(name, id, under: parentID)
        added.append(parentID, id)
        added.append(name == .other ? 1 as UInt8 : 0)
        added.append(name == .other ? "" : name.description)
        added.append(State.there.rawValue)
        return id
    }

    func countSites() -> Int {
        children[dimensionRoot] ?? 0
    }

    /// The rows that were added stand in the table now.
    mutating func addedAreStored() {
        added = RowBinary()
    }

    private mutating func put(_ name: DimensionName, _ id: Int64, under parentID: Int64) {
        ids[Key(parentID: parentID, name: name)] = id
        if name != .other { children[parentID, default: 0] += 1 }
    }

    private static func id(of name: DimensionName, under parentID: Int64, _ generation: Int64) -> Int64 {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: parentID)
        bytes.append(littleEndian: generation)
        bytes.append(name == .other ? 1 : 0)
        if case .named(let text) = name { bytes.append(contentsOf: text.utf8) }
        let id = Int64(truncatingIfNeeded: SHA256.hash(of: bytes).first128Bits >> 64)
        // 0 stands for what is above all sites, and for no conversion.
        return id == 0 ? 1 : id
    }
}
