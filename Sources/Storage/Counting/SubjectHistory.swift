import Records

/// All that is kept of one subject under one rule version. Everything that is counted of subjects follows from it.
package struct SubjectHistory: Equatable {
    /// What is kept of it under one outcome.
    package struct Outcome: Equatable {
        package let id: Int64
        /// The first exposure: milliseconds since 1970, UTC; nil when there was none.
        package var firstExposure: Int64?
        package var exposures = ActiveQuarters()
        /// In rising order of ids.
        package var conversions: [Conversion] = []

        package init(id: Int64) {
            self.id = id
        }
    }

    package struct Conversion: Equatable {
        package let id: Int64
        package var times = SparseTimes()
        package var quarters = ActiveQuarters()

        package init(id: Int64) {
            self.id = id
        }
    }

    /// In rising order of ids.
    package var outcomes: [Outcome] = []

    package init() {}

    /// The place of an outcome, made where there was none.
    package mutating func place(ofOutcome id: Int64) -> Int {
        let index = outcomes.firstIndex { $0.id >= id } ?? outcomes.count
        if index == outcomes.count || outcomes[index].id != id { outcomes.insert(Outcome(id: id), at: index) }
        return index
    }
}

extension SubjectHistory.Outcome {
    /// The place of a conversion, made where there was none.
    package mutating func place(ofConversion id: Int64) -> Int {
        let index = conversions.firstIndex { $0.id >= id } ?? conversions.count
        if index == conversions.count || conversions[index].id != id {
            conversions.insert(SubjectHistory.Conversion(id: id), at: index)
        }
        return index
    }

    /// The times of a conversion; none when the subject never did it.
    package func times(ofConversion id: Int64) -> SparseTimes {
        conversions.first { $0.id == id }?.times ?? SparseTimes()
    }
}

/// The quarters of an hour in which a subject did something.
package struct ActiveQuarters: Equatable {
    /// The largest gap between two of them that is told apart. It stands for all beyond, and for the first one's.
    package static let gapMax = ActivityCounts.spanQuartersMax

    /// In rising order.
    package private(set) var numbers: [Int64] = []

    package init() {}

    /// `numbers` are in rising order.
    package init(stored numbers: [Int64]) {
        self.numbers = numbers
    }

    /// What becomes of gaps when a quarter joins: its own, and where it lies before another one, that one's old and new.
    package struct Change {
        package let gap: Int
        package let next: (quarter: Int64, oldGap: Int, newGap: Int)?
    }

    /// Nil when the quarter is there already.
    package mutating func insert(_ number: Int64) -> Change? {
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
package struct SparseTimes: Equatable {
    /// The shortest span that is ever asked for.
    package static let spanMilliseconds = CountingWindow.leadMilliseconds + CountingWindow.dayMilliseconds

    /// Milliseconds since 1970, UTC, in rising order.
    package private(set) var milliseconds: [Int64] = []

    package init() {}

    /// `milliseconds` are in rising order and thinned out already.
    package init(stored milliseconds: [Int64]) {
        self.milliseconds = milliseconds
    }

    package var first: Int64? { milliseconds.first }

    /// Whether any is at `range` or on its ends, which are at least `spanMilliseconds` apart.
    package func containsAny(in range: ClosedRange<Int64>) -> Bool {
        milliseconds.contains { range.contains($0) }
    }

    package mutating func insert(_ time: Int64) {
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

extension SubjectHistory {
    /// When the last event was, or the last quarter of an hour that there was one in began; nil when there is none.
    package var lastMilliseconds: Int64? {
        outcomes.flatMap { outcome in
            [outcome.exposures.numbers.last.map { Quarter($0).startMilliseconds }].compactMap { $0 }
                + outcome.conversions.compactMap(\.times.milliseconds.last)
        }.max()
    }
}

extension Subject {
    /// The first 8 bytes and the last 8, as stores have them.
    package var high: Int64 { Int64(truncatingIfNeeded: value >> 64) }
    package var low: Int64 { Int64(truncatingIfNeeded: value) }

    package init(high: Int64, low: Int64) {
        self.init(UInt128(UInt64(bitPattern: high)) << 64 | UInt128(UInt64(bitPattern: low)))
    }
}
