import Storage

/// What is to be known of a report's figures.
struct ReportNotes {
    let sentences: [String]

    /// - Parameter epochs: when each began, milliseconds since 1970, UTC.
    init(period: ReportPeriod, hasGroups: Bool, epochs: [Int64], counted: CountedTime? = nil) {
        let range =
            "A range of dates describes and decides nothing"
            + (hasGroups ? ": verdicts and what is compared are of each group's whole time" : "")
        let secrets = epochs.dropFirst().map { epoch in
            "The subject secret was changed at \(Timestamp(milliseconds: epoch).text): visitors count anew from then on"
        }
        let rounded = "The time is taken to the full quarters of an hour around it, by which counts are kept"
        sentences =
            [counted?.lag].compactMap { $0 } + (period.isAllTime ? [] : [range]) + (period.isRounded ? [rounded] : [])
            + secrets
    }
}
