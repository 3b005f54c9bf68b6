import Records
import SQLiteStorage
import Storage
import Synchronization

/// A real store, with something of the test's own before and after each fold.
struct InterceptedStore: OutcomeStore {
    /// Is told how many folds there were before; what it throws, the fold throws.
    typealias Hook = @Sendable (Int) async throws(StorageError) -> Void

    let store: SQLiteOutcomeStore
    private let before: Hook
    private let after: Hook
    private let foldCount = FoldCount()

    private final class FoldCount: Sendable {
        private let value = Atomic<Int>(0)

        func next() -> Int {
            value.wrappingAdd(1, ordering: .relaxed).oldValue
        }
    }

    init(_ store: SQLiteOutcomeStore, before: @escaping Hook, after: @escaping Hook) {
        self.store = store
        self.before = before
        self.after = after
    }

    func fold(
        _ batch: RecordBatch, declared: DeclaredNames, advancingTo position: FoldPosition, over time: Duration
    ) async throws(StorageError) -> FoldOverflow {
        let number = foldCount.next()
        try await before(number)
        let overflow = try await store.fold(batch, declared: declared, advancingTo: position, over: time)
        try await after(number)
        return overflow
    }

    func makeDurable() async throws(StorageError) {
        try await store.makeDurable()
    }

    func dimensionUse() async throws(StorageError) -> [DimensionUse] {
        try await store.dimensionUse()
    }

    func position() async throws(StorageError) -> FoldPosition? {
        try await store.position()
    }

    func sites() async throws(StorageError) -> [String] {
        try await store.sites()
    }

    func rules(site: String) async throws(StorageError) -> [RuleSummary] {
        try await store.rules(site: site)
    }

    func hasExposures(site: String, rule: DimensionName) async throws(StorageError) -> Bool? {
        try await store.hasExposures(site: site, rule: rule)
    }

    func report(
        site: String, rule: DimensionName, in ranges: @escaping @Sendable (RuleTerms) -> [Range<Quarter>]
    ) async throws(StorageError) -> RuleReport? {
        try await store.report(site: site, rule: rule, in: ranges)
    }

    func series(
        site: String, rule: DimensionName, in buckets: @escaping @Sendable (Range<Quarter>?) -> [Range<Quarter>]
    ) async throws(StorageError) -> [Bucket<[OutcomeCounts]>]? {
        try await store.series(site: site, rule: rule, in: buckets)
    }

    func activity(
        site: String, rule: DimensionName, in spans: @escaping @Sendable (Range<Quarter>?) -> [Range<Quarter>]
    ) async throws(StorageError) -> [Bucket<[ActivityCounts]>]? {
        try await store.activity(site: site, rule: rule, in: spans)
    }

    func note(_ answers: [GivenAnswers]) async throws(StorageError) {
        try await store.note(answers)
    }

    func answers(
        site: String, rule: DimensionName?, in buckets: @escaping @Sendable (Range<Quarter>?) -> [Range<Quarter>]
    ) async throws(StorageError) -> [Bucket<[AnswerCounts]>]? {
        try await store.answers(site: site, rule: rule, in: buckets)
    }

    func noteErasure(of subjects: Set<Subject>) async throws(StorageError) {
        try await store.noteErasure(of: subjects)
    }

    func unfinishedErasure() async throws(StorageError) -> Set<Subject>? {
        try await store.unfinishedErasure()
    }

    func forget(_ subjects: [Subject]) async throws(StorageError) -> Int {
        try await store.forget(subjects)
    }

    func overwriteForgotten(again: Bool) async throws(StorageError) -> String? {
        try await store.overwriteForgotten(again: again)
    }

    func finishErasure() async throws(StorageError) {
        try await store.finishErasure()
    }

    func expire(
        lastSeenBefore cutoffs: [DimensionName: Int64], otherwise: Int64, from place: ExpiryPlace?, rowsMax: Int
    ) async throws(StorageError) -> (erased: Int, next: ExpiryPlace?) {
        try await store.expire(lastSeenBefore: cutoffs, otherwise: otherwise, from: place, rowsMax: rowsMax)
    }

    func setHidden(_ isHidden: Bool, _ parts: [RulePart]) async throws(StorageError) -> Int {
        try await store.setHidden(isHidden, parts)
    }

    func hiddenParts() async throws(StorageError) -> Set<RulePart> {
        try await store.hiddenParts()
    }

    func delete(_ parts: [RulePart], noting deletion: Deletion) async throws(StorageError) -> Int {
        try await store.delete(parts, noting: deletion)
    }

    func unfinishedDeletion() async throws(StorageError) -> Deletion? {
        try await store.unfinishedDeletion()
    }

    func purge(
        from place: ExpiryPlace?, rowsMax: Int
    ) async throws(StorageError) -> (removed: Int, next: ExpiryPlace?) {
        try await store.purge(from: place, rowsMax: rowsMax)
    }

    func finishDeletion() async throws(StorageError) {
        try await store.finishDeletion()
    }

    func giveBackRoom() async throws(StorageError) -> Int {
        try await store.giveBackRoom()
    }

    func note(_ epoch: SubjectEpoch, fromMilliseconds: Int64) async throws(StorageError) {
        try await store.note(epoch, fromMilliseconds: fromMilliseconds)
    }

    func subjectEpochs() async throws(StorageError) -> [SubjectEpoch] {
        try await store.subjectEpochs()
    }

    func epochs() async throws(StorageError) -> [Int64] {
        try await store.epochs()
    }

    func declare(_ declared: DeclaredNames, nowMilliseconds: Int64) async throws(StorageError) {
        try await store.declare(declared, nowMilliseconds: nowMilliseconds)
    }
}
