import Storage

/// The quarters of an hour in which a subject did something.
struct ActiveQuarters: Equatable {
    /// The largest gap between two of them that is told apart. It stands for all beyond, and for the first one's.
    static let gapMax = ActivityCounts.spanQuartersMax

    /// In rising order.
    private(set) var numbers: [Int64] = []

    init() {}

    /// `numbers` are in rising order.
    init(stored numbers: [Int64]) {
        self.numbers = numbers
    }

    /// What becomes of gaps when a quarter joins: its own, and where it lies before another one, that one's old and new.
    struct Change {
        let gap: Int
        let next: (quarter: Int64, oldGap: Int, newGap: Int)?
    }

    /// Nil when the quarter is there already.
    mutating func insert(_ number: Int64) -> Change? {
        // Most come at the end.
        var index = numbers.count
        while index > 0, numbers[index - 1] >= number { index -= 1 }
        if index < numbers.count, numbers[index] == number { return nil }
        let previous = index > 0 ? numbers[index - 1] : nil
        let next = index < numbers.count ? numbers[index] : nil
        numbers.insert(number, at: index)
        return Change(
            gap: Self.gap(from: previous, to: number),
            next: next.map { ($0, Self.gap(from: previous, to: $0), Self.gap(from: number, to: $0)) })
    }

    private static func gap(from previous: Int64?, to number: Int64) -> Int {
        guard let previous else { return gapMax }
        return Int(min(number - previous, Int64(gapMax)))
    }
}
