import Records

/// The latest record ids, so that a record which is sent again is known: by nginx's retries, by a responder that did not
/// hear the answer, or after a restart.
///
/// A ring holds the ids in order of arrival, and an open-addressed table finds them: 32 bytes an id, whatever comes. The
/// table has half of each id's hash beside its place. So a search looks at the ring for the id it finds alone, and what moves
/// back is not hashed anew: each look there is a miss of the processor's caches, and they were half of the ingest's time.
struct RecordIDWindow {
    private let capacity: Int
    private var ring: [RecordID] = []
    /// The place in `ring` that the next id takes, once the ring is full.
    private var oldest = 0
    /// Twice the capacity or more, a power of two.
    private var table: [Entry]
    private let mask: Int
    /// Drawn anew for each window, so that nobody can choose ids that meet in the table.
    private let seed = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))

    private struct Entry {
        static let free = Entry(hash: 0, number: 0)

        let hash: UInt32
        /// The place in `ring`, counted from 1; 0 where the entry is free.
        let number: UInt32

        var isFree: Bool { number == 0 }
        var place: Int { Int(number) - 1 }
    }

    /// Remembers the latest `capacity` ids.
    init(capacity: Int = Limits.recordIDWindow) {
        precondition(capacity > 0 && capacity <= 1 << 30)
        self.capacity = capacity
        var size = 2
        while size < 2 * capacity { size *= 2 }
        table = [Entry](repeating: .free, count: size)
        mask = size - 1
        ring.reserveCapacity(capacity)
    }

    var count: Int { ring.count }

    func contains(_ id: RecordID) -> Bool {
        !table[slot(of: id, hash(id))].isFree
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
        let hash = hash(id)
        table[slot(of: id, hash)] = Entry(hash: hash, number: UInt32(place + 1))
    }

    /// Where `id` stands in the table, or the free slot where it would.
    private func slot(of id: RecordID, _ hash: UInt32) -> Int {
        var slot = Int(hash) & mask
        while !table[slot].isFree, table[slot].hash != hash || ring[table[slot].place] != id {
            slot = (slot + 1) & mask
        }
        return slot
    }

    /// One multiplication mixes all bits of the id and of the seed: ids are random, and Swift's own hash costs ten times that.
    private func hash(_ id: RecordID) -> UInt32 {
        let high = UInt64(truncatingIfNeeded: id.value >> 64) ^ seed.0
        let low = UInt64(truncatingIfNeeded: id.value) ^ seed.1
        let product = high.multipliedFullWidth(by: low)
        return UInt32(truncatingIfNeeded: product.high ^ product.low)
    }

    /// Frees the slot of `id` and moves what probed past it back, so that no search ends too early.
    private mutating func remove(_ id: RecordID) {
        var free = slot(of: id, hash(id))
        table[free] = .free
        var slot = (free + 1) & mask
        while !table[slot].isFree {
            let home = Int(table[slot].hash) & mask
            let isReachable = (slot - home) & mask < (slot - free) & mask
            if !isReachable {
                table[free] = table[slot]
                table[slot] = .free
                free = slot
            }
            slot = (slot + 1) & mask
        }
    }
}
