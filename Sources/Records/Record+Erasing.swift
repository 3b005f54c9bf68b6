extension Record {
    /// Overwrites the records of these subjects in `bytes`, which consist of records, and returns how many they were.
    ///
    /// Their ids and their sizes stay, so that a record which is sent again is still known and what follows is found. The
    /// rest of them is zeros, kind 0, which reads as no record.
    public static func erase(_ subjects: Set<Subject>, in bytes: inout [UInt8]) throws(DecodingFault) -> Int {
        let places = try bytes.withUnsafeBytes { bytes in
            Result { () throws(DecodingFault) in try self.places(of: subjects, in: bytes) }
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

    /// Where their records stand.
    private static func places(
        of subjects: Set<Subject>, in bytes: UnsafeRawBufferPointer
    ) throws(DecodingFault) -> [Range<Int>] {
        var reader = ByteReader(bytes)
        var places: [Range<Int>] = []
        while reader.remaining > 0 {
            let start = reader.offset
            var fields = ByteReader(try reader.take(Int(try reader.integer(UInt16.self))))
            guard try fields.integer(UInt8.self) != erasedKind else { continue }
            _ = try fields.take(idBytes + 8)
            if subjects.contains(Subject(try fields.value128())) { places.append(start..<reader.offset) }
        }
        return places
    }
}
