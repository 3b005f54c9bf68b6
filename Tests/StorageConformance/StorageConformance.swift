import Storage

/// What every store must do: a check for each fact, each against an empty store of its own.
struct StorageConformance: Sendable, CustomStringConvertible {
    /// One fact, said as a sentence.
    let description: String
    let check: @Sendable (StoreUnderTest) async throws -> Void

    static let all = answering + comparing + counting + declaring + folding + forgetting + limiting + modelling
}
