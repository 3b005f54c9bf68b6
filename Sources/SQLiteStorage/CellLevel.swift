import Storage

/// Cells are kept by quarters of an hour, by hours, by days of UTC, and by 32 such days, so that the sum over any range reads
/// few of them. Hours are there for the days of all other time zones.
enum CellLevel: Int64, CaseIterable {
    case quarter = 0
    case hour = 1
    case day = 2
    case month = 3

    /// In quarters.
    private var width: Int64 {
        switch self {
        case .quarter: 1
        case .hour: 4
        case .day: Quarter.perDay
        case .month: 32 * Quarter.perDay
        }
    }

    /// The slot of this level that a quarter lies in.
    func slot(of quarter: Int64) -> Int64 {
        let (quotient, remainder) = quarter.quotientAndRemainder(dividingBy: width)
        return remainder < 0 ? quotient - 1 : quotient
    }

    func start(ofSlot slot: Int64) -> Quarter {
        Quarter(slot * width)
    }

    /// The slots that make up a range, without a gap and without an overlap: large ones inside, small ones at its ends.
    static func slots(of range: Range<Quarter>) -> [(level: CellLevel, slots: Range<Int64>)] {
        slots(of: range.lowerBound.number..<range.upperBound.number, largest: .month)
    }

    private static func slots(
        of quarters: Range<Int64>, largest level: CellLevel
    ) -> [(level: CellLevel, slots: Range<Int64>)] {
        guard !quarters.isEmpty else { return [] }
        guard let smaller = CellLevel(rawValue: level.rawValue - 1) else { return [(level, quarters)] }
        let first = level.slot(of: quarters.lowerBound + level.width - 1)
        let end = level.slot(of: quarters.upperBound)
        guard first < end else { return slots(of: quarters, largest: smaller) }
        return slots(of: quarters.lowerBound..<first * level.width, largest: smaller) + [(level, first..<end)]
            + slots(of: end * level.width..<quarters.upperBound, largest: smaller)
    }
}
