import Records
import Storage

/// What every store must do: a check for each fact, each against an empty store of its own.
struct StorageConformance: Sendable, CustomStringConvertible {
    /// One fact, said as a sentence.
    let description: String
    let check: @Sendable (StoreUnderTest) async throws -> Void

    static let all =
        answering + comparing + counting + declaring + expiring + folding + forgetting + limiting + modelling
        + tidying
}

/// How the conformance suite comes by a store of one kind.
///
/// The suite is a list of plain checks. The tests of each kind of store, in a folder of their own, say how to open one and run
/// them all.
struct StoreUnderTest: Sendable {
    /// Whether nothing of who was forgotten is left in a file as soon as nobody else uses the store.
    let overwritesAtOnce: Bool
    /// A new, empty store.
    let open: @Sendable (DimensionLimits) async throws -> any OutcomeStore

    init(overwritesAtOnce: Bool = true, open: @escaping @Sendable (DimensionLimits) async throws -> any OutcomeStore) {
        self.overwritesAtOnce = overwritesAtOnce
        self.open = open
    }
}

/// Short ways to say what a check folds and expects.
enum Fixture {
    static let journalID: UInt128 = 0x0123_4567_89AB_CDEF_0123_4567_89AB_CDEF

    static func position(_ sequence: Int64, journal: UInt128 = journalID) -> FoldPosition {
        FoldPosition(journalID: journal, sequence: sequence, checksum: UInt128(sequence) &* 0x9E37_79B9_7F4A_7C15)
    }

    static func record(
        _ subject: UInt128, at time: Int64 = 1000, site: String = "site", rule: String = "rule",
        outcome: String = "outcome", conversion: String? = "REGISTERED"
    ) -> Record {
        Record(
            id: RecordID.random(), timeMilliseconds: time, subject: Subject(subject), site: site,
            event: conversion.map { .conversion(Conversion(ruleID: rule, outcomeID: outcome, name: $0)) }
                ?? .exposure(Exposure(ruleID: rule, outcomeID: outcome)))
    }

    /// Folds records in as many folds as there are arrays, the n-th advancing to position n.
    static func fold(_ folds: [[Record]], into store: any OutcomeStore) async throws {
        for (index, records) in folds.enumerated() {
            try await store.fold(records, advancingTo: position(Int64(index + 1)))
        }
    }
}

extension OutcomeStore {
    /// What is counted under one rule version of all time; nil when the site has no records of it.
    func outcomes(site: String = "site", rule: DimensionName = DimensionName("rule")) async throws
        -> [OutcomeCounts]?
    {
        try await report(site: site, rule: rule, in: [.all])?.counts.first
    }
}
