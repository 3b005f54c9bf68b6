import Records

/// The latest ids, searched one by one.
struct NaiveWindow {
    let capacity: Int
    private(set) var ids: [RecordID] = []

    init(capacity: Int) {
        self.capacity = capacity
    }

    func contains(_ id: RecordID) -> Bool {
        ids.contains(id)
    }

    mutating func insert(_ id: RecordID) {
        ids.append(id)
        if ids.count > capacity { ids.removeFirst() }
    }
}
