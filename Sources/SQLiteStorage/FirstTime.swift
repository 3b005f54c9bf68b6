import Records

/// When a subject was first seen doing something, as a row of the table of that name.
struct FirstTime: Comparable {
    let conversionID: Int64
    let subjectHigh: Int64
    let subjectLow: Int64
    let milliseconds: Int64

    init(conversionID: Int64, subject: Subject, milliseconds: Int64) {
        self.conversionID = conversionID
        subjectHigh = Int64(truncatingIfNeeded: subject.value >> 64)
        subjectLow = Int64(truncatingIfNeeded: subject.value)
        self.milliseconds = milliseconds
    }

    /// The order of the table's key, the earliest of one subject's times first.
    static func < (left: FirstTime, right: FirstTime) -> Bool {
        if left.conversionID != right.conversionID { return left.conversionID < right.conversionID }
        if left.subjectHigh != right.subjectHigh { return left.subjectHigh < right.subjectHigh }
        if left.subjectLow != right.subjectLow { return left.subjectLow < right.subjectLow }
        return left.milliseconds < right.milliseconds
    }

    func isOfSameSubject(as other: FirstTime) -> Bool {
        conversionID == other.conversionID && subjectHigh == other.subjectHigh && subjectLow == other.subjectLow
    }
}
