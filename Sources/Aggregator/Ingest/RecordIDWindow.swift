import Records

/// The latest record ids, so that a record which is sent again is known: by nginx's retries, by a responder that did not
/// hear the answer, or after a restart.
///
/// A ring holds the ids in order of arrival, and an open-addressed table finds them: 24 bytes an id, whatever comes.
struct RecordIDWindow {
    private let capacity: Int
    private var ring: [RecordID] = []
    /// The place in `ring` that the next id takes, once the ring is full.
    private var oldest = 0
    /// Places in `ring`, counted from 1; 0 is free. Twice the capacity or more, a power of two.
    private var table: [UInt32]
    private let mask: Int

    /// Remembers the latest `capacity` ids.
    init(capacity: Int = Limits.recordIDWindow) {
        precondition(capacity > 0 && capacity <= 1 << 30)
        self.capacity = capacity
        var size = 2
        while size < 2 * capacity { size *= 2 }
        table = [UInt32](repeating: 0, count: size)
        mask = size - 1
        ring.reserveCapacity(capacity)
    }

    var count: Int { ring.count }

    func contains(_ id: RecordID) -> Bool {
        table[slot(of: id)] != 0
    }

    /// Remembers `id`, which is not in the window, and forgets the oldest when there are too many.
    mutating func insert(_ id: RecordID) {
        let place: Int
        if ring.count < capacity {
            place = ring.count
            ring.append(id)
        } else {
            place = oldest
            remove(ring[place])
            ring[place] = id
            oldest = oldest + 1 == capacity ? 0 : oldest + 1
        }
        table[slot(of: id)] = UInt32(place + 1)
    }

    /// Where `id` stands in the table, or the free slot where it would.
    private func slot(of id: RecordID) -> Int {
        var slot = home(of: id)
        while table[slot] != 0, ring[Int(table[slot]) - 1] != id {
            slot = (slot + 1) & mask
        }
        return slot
    }

    private func home(of id: RecordID) -> Int {
        id.hashValue & mask
    }

    /// Frees the slot of `id` and moves what probed past it back, so that no search ends too early.
    private mutating func remove(_ id: RecordID) {
        var free = slot(of: id)
        table[free] = 0
        var slot = (free + 1) & mask
        while table[slot] != 0 {
            let home = home(of: ring[Int(table[slot]) - 1])
            let isReachable = (slot - home) & mask < (slot - free) & mask
            if !isReachable {
                table[free] = table[slot]
                table[slot] = 0
                free = slot
            }
            slot = (slot + 1) & mask
        }
    }
}
