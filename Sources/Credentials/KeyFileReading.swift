import ConfigurationFile

/// Reads a site's key files one after the other, past those that cannot be used, so that every one of them is named.
struct KeyFileReading {
    private(set) var errors: [ConfigurationError] = []

    /// What `body` makes of the file; nil when there is no file, or it cannot be used.
    mutating func read<Value>(
        _ file: KeyFile?, _ body: (KeyFile) throws(ConfigurationError) -> Value
    ) -> Value? {
        guard let file else { return nil }
        do throws(ConfigurationError) {
            return try body(file)
        } catch {
            errors.append(error)
            return nil
        }
    }
}
