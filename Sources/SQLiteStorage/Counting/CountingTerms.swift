import Storage

/// By which windows and groups the subjects of one rule version are counted.
struct CountingTerms {
    struct Window {
        let startQuarter: Int64
        let milliseconds: Int64
    }

    struct Group {
        struct Member {
            let outcomeID: Int64
            /// The primary conversion under this outcome.
            let conversionID: Int64
        }

        let startQuarter: Int64
        let windowMilliseconds: Int64
        /// Sorted by the outcomes' names: of two exposures in the same millisecond, that to the first one counts.
        let members: [Member]
    }

    /// The earliest first.
    let windows: [Window]
    let groups: [Group]

    /// The window of a first exposure at that time. The first one holds for all time before, too.
    func windowMilliseconds(at milliseconds: Int64) -> Int64 {
        let quarter = Quarter(containing: milliseconds).number
        let window = windows.last { $0.startQuarter <= quarter } ?? windows.first
        return window?.milliseconds ?? Int64(CountingWindow.defaultDays) * CountingWindow.dayMilliseconds
    }

    /// The times in which a conversion belongs to an exposure.
    static func span(around exposure: Int64, windowMilliseconds: Int64) -> ClosedRange<Int64> {
        let start = exposure.subtractingReportingOverflow(CountingWindow.leadMilliseconds)
        let end = exposure.addingReportingOverflow(windowMilliseconds)
        return (start.overflow ? .min : start.partialValue)...(end.overflow ? .max : end.partialValue)
    }
}
