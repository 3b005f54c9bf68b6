/// A record as bytes, the same on the way to the aggregator and in its journal.
///
/// | bytes | what |
/// |---|---|
/// | 2 | how many bytes follow |
/// | 1 | kind: 1, a conversion; 2, an exposure |
/// | 16 | id |
/// | 8 | time, milliseconds since 1970, signed |
/// | 16 | subject |
/// | 1 + n | site |
/// | 2 + n | rule id |
/// | 2 + n | outcome id |
/// | 2 + n | conversion's name; not there for an exposure |
///
/// Integers are little-endian; id and subject stand as they read; a text is its length and its UTF-8.
extension Record {
    /// The size of an encoded record without its texts.
    static let fixedBytes = sizeBytes + 1 + idBytes + 8 + 16 + 1 + 2 + 2 + 2
    static let sizeBytes = 2
    static let idBytes = 16
    /// Where the time stands in an encoded record.
    static let timeOffset = sizeBytes + 1 + idBytes
    /// What an erased record has for a kind, in the journal alone: nobody may send it.
    static let erasedKind: UInt8 = 0

    private static let conversionKind: UInt8 = 1
    private static let exposureKind: UInt8 = 2

    /// Appends the record to `bytes`.
    public func encode(into bytes: inout [UInt8]) {
        bytes.append(littleEndian: UInt16(1 + Self.idBytes + 8 + 16 + names.encoded.count))
        bytes.append(names.kind)
        bytes.append(value128: id.value)
        bytes.append(littleEndian: timeMilliseconds)
        bytes.append(value128: subject.value)
        bytes.append(contentsOf: names.encoded)
    }

    static func kind(of event: Event) -> UInt8 {
        event.conversionName == nil ? exposureKind : conversionKind
    }

    /// What stands in a record from the site on.
    static func encodeNames(site: String, event: Event) -> [UInt8] {
        var bytes = encodeNames(site: site, ruleID: event.ruleID, outcomeID: event.outcomeID)
        if let name = event.conversionName { bytes.append(longText: name) }
        return bytes
    }

    /// The same up to the outcome; up to the rule where that is nil.
    static func encodeNames(site: String, ruleID: String, outcomeID: String?) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(UInt8(site.utf8.count))
        bytes.append(contentsOf: site.utf8)
        bytes.append(longText: ruleID)
        if let outcomeID { bytes.append(longText: outcomeID) }
        return bytes
    }

    /// Reads the next record and checks every limit.
    public init(from reader: inout ByteReader) throws(DecodingFault) {
        let fields = try Fields(from: &reader)
        let (ruleID, outcomeID) = (Self.text(fields.ruleID), Self.text(fields.outcomeID))
        let event: Event =
            if let name = fields.conversionName {
                .conversion(Conversion(ruleID: ruleID, outcomeID: outcomeID, name: Self.text(name)))
            } else {
                .exposure(Exposure(ruleID: ruleID, outcomeID: outcomeID))
            }
        self.init(
            id: fields.id, timeMilliseconds: fields.timeMilliseconds, subject: fields.subject,
            site: Self.text(fields.site),
            event: event)
    }

    /// Checks every limit of the next record, and gives its id.
    public static func check(_ reader: inout ByteReader) throws(DecodingFault) -> RecordID {
        try Fields(from: &reader).id
    }

    /// A record where it lies, checked.
    private struct Fields {
        let id: RecordID
        let timeMilliseconds: Int64
        let subject: Subject
        let site: UnsafeRawBufferPointer
        let ruleID: UnsafeRawBufferPointer
        let outcomeID: UnsafeRawBufferPointer
        /// nil for an exposure.
        let conversionName: UnsafeRawBufferPointer?

        init(from reader: inout ByteReader) throws(DecodingFault) {
            let size = Int(try reader.integer(UInt16.self))
            var fields = ByteReader(try reader.take(size))
            let kind = try fields.integer(UInt8.self)
            guard kind == conversionKind || kind == exposureKind else { throw .unknownKind(kind) }
            id = RecordID(try fields.value128())
            timeMilliseconds = try fields.integer()
            subject = Subject(try fields.value128())
            site = try fields.textBytes(Int(try fields.integer(UInt8.self)), max: Limits.siteBytesMax)
            ruleID = try fields.textBytes(max: Limits.ruleIDBytesMax)
            outcomeID = try fields.textBytes(max: Limits.outcomeIDBytesMax)
            conversionName =
                kind == conversionKind ? try fields.textBytes(max: Limits.conversionBytesMax) : nil
            guard fields.remaining == 0 else { throw .trailing }
        }
    }

    /// It was seen to be UTF-8, so that decoding changes nothing.
    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// Passes over the next record if it was erased.
    private static func skipErased(_ reader: inout ByteReader) throws(DecodingFault) -> Bool {
        var next = reader
        var fields = ByteReader(try next.take(Int(try next.integer(UInt16.self))))
        guard try fields.integer(UInt8.self) == erasedKind else { return false }
        reader = next
        return true
    }

    /// The ids of the records that `bytes` consist of. Reads nothing else of them.
    public static func decodeIDs(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) -> [RecordID] {
        var reader = ByteReader(bytes)
        var ids: [RecordID] = []
        while reader.remaining > 0 {
            let size = Int(try reader.integer(UInt16.self))
            var fields = ByteReader(try reader.take(size))
            _ = try fields.integer(UInt8.self)
            ids.append(RecordID(try fields.value128()))
        }
        return ids
    }

    /// A record where it lies, of which the names are not looked at.
    public struct Outline {
        public let subject: Subject
        public let timeMilliseconds: Int64
        /// Where in the reader's bytes the record lies, and where in them its names: from the site on.
        public let place: Range<Int>
        public let names: Range<Int>
        /// Records of the same kind and the same bytes of names name the same.
        public let kind: UInt8
    }

    /// The next record that was not erased; nil where there is none.
    public static func nextOutline(_ reader: inout ByteReader) throws(DecodingFault) -> Outline? {
        while reader.remaining > 0 {
            let start = reader.offset
            var fields = ByteReader(try reader.take(Int(try reader.integer(UInt16.self))))
            let kind = try fields.integer(UInt8.self)
            if kind == erasedKind { continue }
            _ = try fields.take(idBytes)
            let time: Int64 = try fields.integer()
            let subject = Subject(try fields.value128())
            return Outline(
                subject: subject, timeMilliseconds: time, place: start..<reader.offset,
                names: start + sizeBytes + fields.offset..<reader.offset, kind: kind)
        }
        return nil
    }

    /// The records that `bytes` consist of, one after the other, without those that were erased.
    public static func decodeAll(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) -> [Record] {
        var reader = ByteReader(bytes)
        var records: [Record] = []
        while reader.remaining > 0 {
            if try !skipErased(&reader) { records.append(try Record(from: &reader)) }
        }
        return records
    }
}

extension ByteReader {
    /// The next text, which stands after two bytes of its length.
    fileprivate mutating func textBytes(max: Int) throws(DecodingFault) -> UnsafeRawBufferPointer {
        try textBytes(Int(try integer(UInt16.self)), max: max)
    }
}

extension Record {
    /// Overwrites the records of these subjects in `bytes`, which consist of records, and returns how many they were.
    ///
    /// Their ids and their sizes stay, so that a record which is sent again is still known and what follows is found. The
    /// rest of them is zeros, kind 0, which reads as no record.
    public static func erase(_ subjects: Set<Subject>, in bytes: inout [UInt8]) throws(DecodingFault) -> Int {
        try erase(in: &bytes) { outline, _ in subjects.contains(outline.subject) }
    }

    /// The same of the records of these rule versions and outcomes.
    public static func erase(_ parts: RuleParts, in bytes: inout [UInt8]) throws(DecodingFault) -> Int {
        try erase(in: &bytes) { outline, bytes in parts.contain(bytes[outline.names]) }
    }

    private static func erase(
        in bytes: inout [UInt8], where isErased: (Outline, [UInt8]) -> Bool
    ) throws(DecodingFault) -> Int {
        let places = try bytes.withUnsafeBytes { raw in
            Result { () throws(DecodingFault) in
                var reader = ByteReader(raw)
                var places: [Range<Int>] = []
                while let outline = try nextOutline(&reader) {
                    if isErased(outline, bytes) { places.append(outline.place) }
                }
                return places
            }
        }.get()
        for place in places {
            bytes[place.lowerBound + sizeBytes] = erasedKind
            for index in place.dropFirst(sizeBytes + 1 + idBytes) { bytes[index] = 0 }
        }
        return places.count
    }

    /// What an erased record leaves, of which there never was a record: it is counted nowhere.
    public static func nothing(id: RecordID) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt16(1 + idBytes))
        bytes.append(erasedKind)
        bytes.append(value128: id.value)
        return bytes
    }
}
