import Analytics

extension Timestamp {
    /// The moment to the minute for a table: `2026-11-23 09:30`, in UTC.
    var brief: String {
        String(text.prefix(16).map { $0 == "T" ? " " : $0 })
    }
}
