import Storage

/// All that is kept of one subject under one rule version. Everything that is counted of subjects follows from it.
struct SubjectHistory: Equatable {
    /// What is kept of it under one outcome.
    struct Outcome: Equatable {
        let id: Int64
        /// The first exposure: milliseconds since 1970, UTC; nil when there was none.
        var firstExposure: Int64?
        var exposures = ActiveQuarters()
        /// In rising order of ids.
        var conversions: [Conversion] = []

        init(id: Int64) {
            self.id = id
        }
    }

    struct Conversion: Equatable {
        let id: Int64
        var times = SparseTimes()
        var quarters = ActiveQuarters()

        init(id: Int64) {
            self.id = id
        }
    }

    /// In rising order of ids.
    var outcomes: [Outcome] = []

    /// The place of an outcome, made where there was none.
    mutating func place(ofOutcome id: Int64) -> Int {
        let index = outcomes.firstIndex { $0.id >= id } ?? outcomes.count
        if index == outcomes.count || outcomes[index].id != id { outcomes.insert(Outcome(id: id), at: index) }
        return index
    }
}

extension SubjectHistory.Outcome {
    /// The place of a conversion, made where there was none.
    mutating func place(ofConversion id: Int64) -> Int {
        let index = conversions.firstIndex { $0.id >= id } ?? conversions.count
        if index == conversions.count || conversions[index].id != id {
            conversions.insert(SubjectHistory.Conversion(id: id), at: index)
        }
        return index
    }

    /// The times of a conversion; none when the subject never did it.
    func times(ofConversion id: Int64) -> SparseTimes {
        conversions.first { $0.id == id }?.times ?? SparseTimes()
    }
}

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

/// The times at which a subject did something, thinned out as far as no window can tell.
///
/// A window asks whether any time lies in a span of at least a day and half an hour. Of three times in a row that lie
/// within one such span, the middle one answers no question that the outer two do not: a span that holds it and neither
/// of them would be shorter. So the first and the last stay, and between them at most two for each span, in whichever
/// order they came.
struct SparseTimes: Equatable {
    /// The shortest span that is ever asked for.
    static let spanMilliseconds = CountingWindow.leadMilliseconds + CountingWindow.dayMilliseconds

    /// Milliseconds since 1970, UTC, in rising order.
    private(set) var milliseconds: [Int64] = []

    init() {}

    /// `milliseconds` are in rising order and thinned out already.
    init(stored milliseconds: [Int64]) {
        self.milliseconds = milliseconds
    }

    var first: Int64? { milliseconds.first }

    /// Whether any is at `range` or on its ends, which are at least `spanMilliseconds` apart.
    func containsAny(in range: ClosedRange<Int64>) -> Bool {
        milliseconds.contains { range.contains($0) }
    }

    mutating func insert(_ time: Int64) {
        let index = milliseconds.firstIndex { $0 >= time } ?? milliseconds.count
        if index < milliseconds.count, milliseconds[index] == time { return }
        milliseconds.insert(time, at: index)
        for middle in [index + 1, index, index - 1] where isRedundant(middle) { milliseconds.remove(at: middle) }
    }

    private func isRedundant(_ index: Int) -> Bool {
        guard index > 0, index + 1 < milliseconds.count else { return false }
        let distance = milliseconds[index + 1].subtractingReportingOverflow(milliseconds[index - 1])
        return !distance.overflow && distance.partialValue <= Self.spanMilliseconds
    }
}
