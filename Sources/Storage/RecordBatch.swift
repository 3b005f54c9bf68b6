import Records

/// The records of one fold. What many of them have in common, the names, stands here once: of thousands of records most name
/// the same few things, and whoever looks at names does so once for each kind.
public struct RecordBatch: Sendable {
    /// What records are of, and how many of them there are.
    public struct Kind: Sendable {
        public let site: String
        public let event: Event
        public fileprivate(set) var count = 0
    }

    /// One record, its names apart.
    public struct Entry: Sendable {
        public let subject: Subject
        /// Milliseconds since 1970, UTC.
        public let timeMilliseconds: Int64
        /// The place in `kinds`.
        public let kind: Int
    }

    /// In the order in which they first came.
    public private(set) var kinds: [Kind] = []
    /// In the order in which they came.
    public private(set) var entries: [Entry] = []
    private var places: [Names: Int] = [:]

    public init() {}

    public init(_ records: some Sequence<Record>) {
        for record in records {
            let names = Names(of: record)
            let kind = places[names] ?? add(Kind(site: record.site, event: record.event), as: names)
            add(record.subject, record.timeMilliseconds, ofKind: kind)
        }
    }

    /// Adds the records that `bytes` consist of, one after the other, without those that were erased. Names are checked and
    /// decoded where they come for the first time.
    public mutating func add(encoded bytes: [UInt8]) throws(DecodingFault) {
        try bytes.withUnsafeBytes { raw in
            Result { () throws(DecodingFault) in
                var reader = ByteReader(raw)
                while let outline = try Record.nextOutline(&reader) {
                    let names = Names(kind: outline.kind, bytes: bytes[outline.names])
                    let kind: Int
                    if let known = places[names] {
                        kind = known
                    } else {
                        var whole = ByteReader(UnsafeRawBufferPointer(rebasing: raw[outline.place]))
                        let record = try Record(from: &whole)
                        kind = add(Kind(site: record.site, event: record.event), as: names)
                    }
                    add(outline.subject, outline.timeMilliseconds, ofKind: kind)
                }
            }
        }.get()
    }

    private mutating func add(_ kind: Kind, as names: Names) -> Int {
        kinds.append(kind)
        // A copy, because a slice would keep all of the commit that it is of.
        places[Names(kind: names.kind, bytes: ArraySlice([UInt8](names.bytes)))] = kinds.count - 1
        return kinds.count - 1
    }

    private mutating func add(_ subject: Subject, _ timeMilliseconds: Int64, ofKind kind: Int) {
        kinds[kind].count += 1
        entries.append(Entry(subject: subject, timeMilliseconds: timeMilliseconds, kind: kind))
    }

    /// The same records, those of some kinds as others. `event` gives what records of a kind are of then; nil to leave it.
    func replacingEvents(_ event: (Kind) -> Event?) -> RecordBatch {
        var batch = self
        for index in kinds.indices {
            guard let event = event(kinds[index]) else { continue }
            batch.kinds[index] = Kind(site: kinds[index].site, event: event, count: kinds[index].count)
        }
        return batch
    }

    /// The names of a record as bytes. Two kinds may have the same names, where they came in different ways.
    private struct Names: Hashable {
        let kind: UInt8
        let bytes: ArraySlice<UInt8>

        init(kind: UInt8, bytes: ArraySlice<UInt8>) {
            self.kind = kind
            self.bytes = bytes
        }

        init(of record: Record) {
            var bytes: [UInt8] = []
            let event = record.event
            for text in [record.site, event.ruleID, event.outcomeID, event.conversionName].compactMap(\.self) {
                bytes.append(littleEndian: text.utf8.count)
                bytes.append(contentsOf: text.utf8)
            }
            self.init(kind: 0, bytes: bytes[...])
        }

        static func == (left: Names, right: Names) -> Bool {
            guard left.kind == right.kind else { return false }
            return left.bytes.withUnsafeBytes { left in right.bytes.withUnsafeBytes { left.hasBytes(of: $0) } }
        }

        func hash(into hasher: inout Hasher) {
            bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }
}
