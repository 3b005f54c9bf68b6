import Storage

/// How the conformance suite comes by a store of one kind.
///
/// The suite is a set of plain checks, one function for each fact. A test target of each kind of store names its way of
/// opening one and runs them all.
struct StoreUnderTest: Sendable, CustomStringConvertible {
    /// The kind of store, as test names show it.
    let description: String
    /// A new, empty store.
    let open: @Sendable (DimensionLimits) async throws -> any OutcomeStore
}
