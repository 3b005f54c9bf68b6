/// By which windows and groups the subjects of one rule version are counted.
package struct CountingTerms {
    package struct Window {
        package let startQuarter: Int64
        package let milliseconds: Int64

        package init(startQuarter: Int64, milliseconds: Int64) {
            self.startQuarter = startQuarter
            self.milliseconds = milliseconds
        }
    }

    package struct Group {
        package struct Member {
            package let outcomeID: Int64
            /// Those of the group under this outcome, in the group's order.
            package let conversionIDs: [Int64]

            package init(outcomeID: Int64, conversionIDs: [Int64]) {
                self.outcomeID = outcomeID
                self.conversionIDs = conversionIDs
            }
        }

        package let startQuarter: Int64
        package let windowMilliseconds: Int64
        /// Sorted by the outcomes' names: of two exposures in the same millisecond, that to the first one counts.
        package let members: [Member]

        package init(startQuarter: Int64, windowMilliseconds: Int64, members: [Member]) {
            self.startQuarter = startQuarter
            self.windowMilliseconds = windowMilliseconds
            self.members = members
        }
    }

    /// The earliest first.
    package let windows: [Window]
    package let groups: [Group]

    package init(windows: [Window], groups: [Group]) {
        self.windows = windows
        self.groups = groups
    }

    /// The window of a first exposure at that time. The first one holds for all time before, too.
    package func windowMilliseconds(at milliseconds: Int64) -> Int64 {
        let quarter = Quarter(containing: milliseconds).number
        let window = windows.last { $0.startQuarter <= quarter } ?? windows.first
        return window?.milliseconds ?? Int64(CountingWindow.defaultDays) * CountingWindow.dayMilliseconds
    }

    /// The times in which a conversion belongs to an exposure.
    package static func span(around exposure: Int64, windowMilliseconds: Int64) -> ClosedRange<Int64> {
        let start = exposure.subtractingReportingOverflow(CountingWindow.leadMilliseconds)
        let end = exposure.addingReportingOverflow(windowMilliseconds)
        return (start.overflow ? .min : start.partialValue)...(end.overflow ? .max : end.partialValue)
    }

    package static func milliseconds(days: Int) -> Int64 {
        Int64(days) * CountingWindow.dayMilliseconds
    }
}
