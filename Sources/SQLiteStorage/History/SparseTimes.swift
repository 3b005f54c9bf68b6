import Storage

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
