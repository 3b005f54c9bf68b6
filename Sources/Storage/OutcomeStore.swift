import Records

/// Where records are counted and reports are read from.
///
/// A store counts each record it is given, adds to what it holds, and never loses track of how far it has come: the
/// records of a fold and the position they lead to are stored together or not at all. So a fold that was cut short is
/// simply done again from `position()`, and a record is counted exactly once, whatever dies when.
///
/// Everything is per site. The order in which records arrive does not matter, except for which names are told apart
/// once a limit of `DimensionLimits` is reached. Folds come one at a time, from one caller; reports may be asked for at
/// any time, see whole folds only, and never make a fold wait. Cancelling the calling task abandons a call with
/// `.cancelled`.
public protocol OutcomeStore: Sendable {
    /// The place in the journal up to which records are counted; nil when none was yet.
    func position() async throws(StorageError) -> FoldPosition?

    /// Counts records and moves the position, in one transaction.
    ///
    /// Names in `declared` have room whatever the limits are. Tells how many records had a name without room.
    ///
    /// Throws `.positionRefused` for a position of another journal or one that lies before the store's. The store's
    /// own position again means that this fold was done before: nothing is counted.
    ///
    /// - Parameter time: for how long it may rest in between, in all, so that others have the processor.
    @discardableResult
    func fold(
        _ batch: RecordBatch, declared: DeclaredNames, advancingTo position: FoldPosition, over time: Duration
    ) async throws(StorageError) -> FoldOverflow

    /// Once it returns, all that has been folded outlasts a power failure. Until then the journal has to keep it.
    func makeDurable() async throws(StorageError)

    /// Brings windows and groups into force, for exposures from the next quarter of an hour on. One that is in force
    /// already stays so, with what is counted for it; of a group that is declared no more, or has changed, nothing stays.
    ///
    /// - Parameter nowMilliseconds: the time of day, since 1970, UTC.
    func declare(_ declared: DeclaredNames, nowMilliseconds: Int64) async throws(StorageError)

    /// Notes on the disk that these subjects are to be erased, too, so that a process that dies meanwhile finds out at its
    /// next start. Once it returns, all that has been folded outlasts a power failure.
    func noteErasure(of subjects: Set<Subject>) async throws(StorageError)

    /// Which of the subjects noted are not erased yet. Empty where only the files are still to be overwritten; nil when
    /// nothing was noted, or all of it is finished.
    func unfinishedErasure() async throws(StorageError) -> Set<Subject>?

    /// Erases all rows of these subjects, and what was noted of them; returns how many rows there were, one for each rule
    /// version. What has been counted of them stays counted. Folds wait for it, so a caller with many divides them.
    func forget(_ subjects: [Subject]) async throws(StorageError) -> Int

    /// Overwrites what was erased wherever a file of the store still holds it.
    ///
    /// - Parameter again: a try before this one may have ended with a sync that failed, so nothing of it is relied on.
    /// - Returns: nil when nothing of it is left; otherwise who uses the store, for an operator to read. Try again later
    ///   then.
    func overwriteForgotten(again: Bool) async throws(StorageError) -> String?

    /// All that was noted is done.
    func finishErasure() async throws(StorageError)

    /// Erases subjects whose last event under a rule version is older than their site keeps them, of the next rows in turn;
    /// what has been counted of them stays counted. Who has met an outcome of a group that is in force stays, so that nobody
    /// comes into it twice.
    ///
    /// - Parameters:
    ///   - cutoffs: by site, milliseconds since 1970, UTC; `otherwise` for sites that are not among them.
    ///   - place: where the call before stopped; nil to begin.
    ///   - rowsMax: how many rows to look at, which folds wait for.
    /// - Returns: how many were erased, and where to go on; no place at the end.
    func expire(
        lastSeenBefore cutoffs: [DimensionName: Int64], otherwise: Int64, from place: ExpiryPlace?, rowsMax: Int
    ) async throws(StorageError) -> (erased: Int, next: ExpiryPlace?)

    /// Takes rule versions and outcomes out of the lists that people read, or into them again; what is counted stays. A mark
    /// stays with a name, whether something is counted of it or not, until that is deleted. Once it returns, it outlasts a
    /// power failure.
    ///
    /// - Returns: how many were not so before.
    func setHidden(_ isHidden: Bool, _ parts: [RulePart]) async throws(StorageError) -> Int

    /// What is hidden, of all sites.
    func hiddenParts() async throws(StorageError) -> Set<RulePart>

    /// Begins to delete rule versions and outcomes, all at once: nothing of them can be read any more, and what is folded
    /// from now on is counted anew. Their room under the limits is free. What stood under them, `purge` takes away.
    ///
    /// That the journal is to lose its records is noted, and stays so until `finishDeletion`. Once it returns, all this, and all
    /// that has been folded, outlasts a power failure.
    ///
    /// - Parameters:
    ///   - deletion: what the journal is to lose. There must be no other that is unfinished.
    /// - Returns: how many of the parts there were.
    func delete(_ parts: [RulePart], noting deletion: Deletion) async throws(StorageError) -> Int

    /// What was noted last and is not finished; nil where all is.
    func unfinishedDeletion() async throws(StorageError) -> Deletion?

    /// Takes some of what stood under deleted parts away. Folds wait for it.
    ///
    /// - Parameters:
    ///   - place: where the call before stopped; nil to begin.
    ///   - rowsMax: how many rows to look at or remove.
    /// - Returns: how many rows went, and where to go on; no place where nothing is left.
    func purge(from place: ExpiryPlace?, rowsMax: Int) async throws(StorageError) -> (removed: Int, next: ExpiryPlace?)

    /// The journal has lost what was noted, and nothing is left in the store.
    func finishDeletion() async throws(StorageError)

    /// Gives some of the room that erased rows left back to the disk, if there is much; call again until it returns 0, then
    /// not again at once. Folds wait for each call.
    ///
    /// - Returns: how many bytes smaller the store is.
    func giveBackRoom() async throws(StorageError) -> Int

    /// Notes that subjects of an epoch have come from some moment on; that of one already noted stays.
    func note(_ epoch: SubjectEpoch, fromMilliseconds: Int64) async throws(StorageError)

    /// Those that are noted, in the order in which they began.
    func subjectEpochs() async throws(StorageError) -> [SubjectEpoch]

    /// When each epoch began: milliseconds since 1970, UTC, in rising order.
    func epochs() async throws(StorageError) -> [Int64]

    /// The sites that have records, sorted by name. Those beyond the limit share one name and are not listed.
    func sites() async throws(StorageError) -> [String]

    /// The rule versions of a site that have records, hidden ones among them, the one with the latest event first. Empty for an unknown site.
    func rules(site: String) async throws(StorageError) -> [RuleSummary]

    /// Whether anything was ever exposed under one rule version; nil when the site has no records of it.
    func hasExposures(site: String, rule: DimensionName) async throws(StorageError) -> Bool?

    /// What is counted under one rule version, in each of the ranges that `ranges` chooses by its terms; nil when the site
    /// has no records of it.
    func report(
        site: String, rule: DimensionName, in ranges: @escaping @Sendable (RuleTerms) -> [Range<Quarter>]
    ) async throws(StorageError) -> RuleReport?

    /// The same in each of the buckets that `buckets` chooses, given the quarters of an hour from the first event to the last
    /// (nil before any): only what something is counted of, in the order of a report. Nil when the site has no records of
    /// the rule version.
    func series(
        site: String, rule: DimensionName, in buckets: @escaping @Sendable (Range<Quarter>?) -> [Range<Quarter>]
    ) async throws(StorageError) -> [Bucket<[OutcomeCounts]>]?

    /// Who was active in each of the spans that `spans` chooses, each of at most `ActivityCounts.spanQuartersMax`, given the
    /// quarters of an hour from the first event to the last (nil before any). Nil when the site has no records of the
    /// rule version.
    func activity(
        site: String, rule: DimensionName, in spans: @escaping @Sendable (Range<Quarter>?) -> [Range<Quarter>]
    ) async throws(StorageError) -> [Bucket<[ActivityCounts]>]?

    /// Adds to what is known of answers to a site's requests. Those of an outcome that has no records, and is not declared,
    /// are added to the site's alone; those of a site that has none are not kept. They are informative: what is not noted
    /// before a process dies is lost.
    func note(_ answers: [GivenAnswers]) async throws(StorageError)

    /// How a site's requests were answered in each of the buckets that `buckets` chooses, given the quarters of an hour from
    /// the first answer to the last (nil before any).
    ///
    /// - Parameter rule: of requests about its outcomes, told apart; nil for all requests of the site, of which outcomes are
    ///   not told apart.
    /// - Returns: nil when the site has no records, or none of the rule version.
    func answers(
        site: String, rule: DimensionName?, in buckets: @escaping @Sendable (Range<Quarter>?) -> [Range<Quarter>]
    ) async throws(StorageError) -> [Bucket<[AnswerCounts]>]?

    /// How much of its limits each site that has records uses, sorted by name.
    func dimensionUse() async throws(StorageError) -> [DimensionUse]
}

extension OutcomeStore {
    /// What is counted under one rule version, in each of these ranges; nil when the site has no records of it.
    public func report(
        site: String, rule: DimensionName, in ranges: [Range<Quarter>]
    ) async throws(StorageError) -> RuleReport? {
        try await report(site: site, rule: rule) { _ in ranges }
    }

    /// Counts records that are no batch yet.
    @discardableResult
    public func fold(
        _ records: [Record], declared: DeclaredNames = .none, advancingTo position: FoldPosition
    ) async throws(StorageError) -> FoldOverflow {
        try await fold(RecordBatch(records), declared: declared, advancingTo: position, over: .zero)
    }
}
