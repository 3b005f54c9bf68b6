import ForwardProtocol
import Records

/// The records of one commit, each once.
struct Batch {
    private(set) var bytes: [UInt8] = []
    private(set) var ids: [RecordID] = []
    private(set) var duplicateCount = 0
    private var seen: Set<RecordID> = []

    var recordCount: Int { ids.count }

    /// Adds the records that are neither in `window` nor in this batch already.
    mutating func add(_ records: EncodedRecords, unlessIn window: RecordIDWindow) {
        let newIndices = records.ids.indices.filter { index in
            let id = records.ids[index]
            return !window.contains(id) && seen.insert(id).inserted
        }
        ids.append(contentsOf: newIndices.map { records.ids[$0] })
        duplicateCount += records.count - newIndices.count
        if newIndices.count == records.count {
            bytes.append(contentsOf: records.bytes)
        } else {
            for index in newIndices { bytes.append(contentsOf: records.record(at: index)) }
        }
    }
}
