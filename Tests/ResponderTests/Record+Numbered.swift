import Records

extension Record {
    /// A record that is told from others by its id.
    static func numbered(_ number: Int) -> Record {
        Record(
            id: RecordID(UInt128(number)), timeMilliseconds: 1_700_000_000_000, subject: Subject(1), site: "default",
            event: .conversion(Conversion(ruleID: "article-22", outcomeID: "graph/1#1", name: "REGISTERED")))
    }

    var number: Int {
        Int(id.value)
    }

    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }
}
