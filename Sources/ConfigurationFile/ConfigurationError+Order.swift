extension [ConfigurationError] {
    /// File by file, in the order of lines, each kept once.
    public var inOrder: [ConfigurationError] {
        var kept: [ConfigurationError] = []
        for error in sorted(by: { ($0.file, $0.line ?? 0, $0.message) < ($1.file, $1.line ?? 0, $1.message) })
        where error != kept.last {
            kept.append(error)
        }
        return kept
    }
}
