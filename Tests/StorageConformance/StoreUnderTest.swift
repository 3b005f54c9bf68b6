import Storage

/// How the conformance suite comes by a store of one kind.
///
/// The suite is a list of plain checks. A test target of each kind of store says how to open one and runs them all.
struct StoreUnderTest: Sendable {
    /// A new, empty store.
    let open: @Sendable (DimensionLimits) async throws -> any OutcomeStore
}
