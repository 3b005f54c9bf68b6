import Records
import Storage

/// All aggregators of a store have to have one subject secret: a visitor who comes to two hosts is one subject. So an epoch,
/// which is a fingerprint of the secret, is of the store, and a journal whose aggregator is under another waits until that has
/// the same secret as the others. What it has recorded under its own is counted then, as of other visitors.
extension ClickHouseOutcomeStore {
    /// An epoch that is new to the store is its next one where it comes from an aggregator that was under the last one: its
    /// secret was changed, and the others have to follow. From any other it is noted as that aggregator's alone.
    public func note(_ epoch: SubjectEpoch, fromMilliseconds: Int64) async throws(StorageError) {
        try await change { (state) throws(StorageError) in
            let known = try await self.knownEpochs()
            let key = String(epoch.value, radix: 16)
            let journal = state.journalID.map { String($0, radix: 16) }
            let own: [String: String] = try await self.settings.all(.journalEpoch)
            let current = try await self.currentEpoch()
            if current == nil || journal == nil || own[journal ?? ""] == current {
                if !known.contains(where: { $0.key == key }) {
                    try await self.settings.set([key: fromMilliseconds], .epoch)
                }
                if current != key { try await self.settings.set(["": key], .currentEpoch) }
            }
            if let journal { try await self.settings.set([journal: key], .journalEpoch) }
        }
    }

    public func subjectEpochs() async throws(StorageError) -> [SubjectEpoch] {
        try await knownEpochs().compactMap { UInt128($0.key, radix: 16).map { SubjectEpoch($0) } }
    }

    public func epochs() async throws(StorageError) -> [Int64] {
        try await knownEpochs().map(\.value)
    }

    /// Throws where the journal's subjects are under another secret than the store's are now.
    func checkEpoch(_ state: State) async throws(StorageError) {
        guard let journalID = state.journalID else { return }
        let own: [String: String] = try await settings.all(.journalEpoch)
        guard let epoch = own[String(journalID, radix: 16)], let current = try await currentEpoch(),
            epoch != current
        else { return }
        throw .unavailable(
            store: name,
            reason: "the other hosts' subject secret is another one than this host's, so the same visitor would count "
                + "twice; give all hosts the same file, and counting goes on by itself")
    }

    private func currentEpoch() async throws(StorageError) -> String? {
        let current: [String: String] = try await settings.all(.currentEpoch)
        return current[""]
    }

    /// In the order in which they began.
    private func knownEpochs() async throws(StorageError) -> [(key: String, value: Int64)] {
        let known: [String: Int64] = try await settings.all(.epoch)
        return known.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
    }
}
