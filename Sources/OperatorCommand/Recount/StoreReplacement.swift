import Glibc
import Journal
import Records
import SQLiteStorage
import Storage

/// Puts an empty store in the place of a data directory's, which stands at the journal's beginning, so that the aggregator counts
/// what the journal holds. The one before is kept aside.
///
/// It may die at any moment: until the last step there is the old store, or none beside the one that is aside, with which no
/// aggregator starts; whoever runs it again goes on.
struct StoreReplacement {
    private static let suffixes = ["", "-wal", "-shm"]

    private let directory: String
    private let owner: DirectoryOwner
    /// Where the old store is kept.
    let aside: String

    init(directory: String) throws(JournalError) {
        self.directory = directory
        aside = "\(directory)/store.before-recount"
        owner = try DirectoryOwner(of: directory)
    }

    private var store: String { "\(directory)/store.sqlite" }
    private var journal: String { "\(directory)/journal.sqlite" }

    /// What the journal holds; throws where it cannot be counted anew.
    func extent() throws -> JournalExtent {
        try check()
        try owner.take()
        defer { owner.giveBack() }
        return try JournalExtent(path: journal)
    }

    /// Returns what the new store could not take over, a sentence each.
    func run() async throws -> [String] {
        try owner.take()
        defer { owner.giveBack() }
        let lock = try DataDirectoryLock(directory: directory)
        defer { withExtendedLifetime(lock) {} }
        try check()
        // Of one that died in between, whose log may still be here.
        if !exists(store), exists("\(aside)/store.sqlite") { try moveAside() }
        let notes = try await makeNew()
        try moveAside()
        try rename(new, to: store)
        return notes
    }

    private func check() throws(CommandFailure) {
        guard exists("\(aside)/store.sqlite"), exists(store) else { return }
        throw .data(
            "\(aside) has the store of an earlier recount; look at a report, then delete that directory, and give the "
                + "command again")
    }

    private var new: String { "\(directory)/store.new.sqlite" }

    private func makeNew() async throws -> [String] {
        for suffix in Self.suffixes { unlink(new + suffix) }
        let journal = try Journal(path: journal)
        // All of it is read at the next start, and with one bad commit there would be none.
        try journal.verify(after: journal.start)
        let new = try SQLiteOutcomeStore(path: new)
        let old = exists(store) ? store : "\(aside)/store.sqlite"
        let notes = exists(old) ? try await new.inherit(from: old, emptying: journal) : []
        try await new.fold(
            [],
            advancingTo: FoldPosition(
                journalID: journal.identity.value, sequence: journal.start.sequence, checksum: journal.start.checksum))
        try await new.makeDurable()
        try new.close()
        try journal.close()
        return notes
    }

    /// The file goes before its log: with a log alone no aggregator starts, and a file without it would be older than it is.
    private func moveAside() throws(CommandFailure) {
        guard mkdir(aside, 0o700) == 0 || errno == EEXIST else { throw failure(aside, "cannot be made") }
        for suffix in Self.suffixes where exists(store + suffix) {
            try rename(store + suffix, to: "\(aside)/store.sqlite\(suffix)")
        }
    }

    /// Once it returns, the power may fail.
    private func rename(_ old: String, to new: String) throws(CommandFailure) {
        guard Glibc.rename(old, new) == 0 else { throw failure(old, "cannot be moved") }
        for path in [directory, aside] {
            let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { throw failure(path, "cannot be opened") }
            defer { close(descriptor) }
            guard fsync(descriptor) == 0 else { throw failure(path, "cannot be synced") }
        }
    }

    private func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    private func failure(_ path: String, _ what: String) -> CommandFailure {
        .data("\(path): \(what) (\(String(cString: strerror(errno)))); mend that, then give the command again")
    }
}

extension SQLiteOutcomeStore {
    /// Takes over what is not in the journal, and what is still to be done; says of each that is lost, in a sentence, why.
    ///
    /// What is being deleted goes from the journal first: this store will count all that is there.
    fileprivate func inherit(from path: String, emptying journal: Journal) async throws -> [String] {
        var notes: [String] = []
        func attempt(_ loss: String, _ body: () async throws -> Void) async throws {
            do {
                try await body()
            } catch let error as StorageError where error.isTemporary {
                throw error
            } catch let error where error is StorageError {
                notes.append("\(loss) is lost: \(error)")
            }
        }
        var opened: SQLiteOutcomeStore?
        try await attempt("what is in the store alone, such as what was hidden and an erasure that is under way,") {
            opened = try SQLiteOutcomeStore(path: path)
        }
        guard let old = opened else { return notes }
        try await attempt("a deletion that is under way") {
            if let deletion = try await old.unfinishedDeletion() { try journal.erase(deletion) }
        }
        try await attempt("an erasure that is under way") {
            if let subjects = try await old.unfinishedErasure() { try await noteErasure(of: subjects) }
        }
        try await attempt("when the subject secret was changed") {
            for (epoch, start) in zip(try await old.subjectEpochs(), try await old.epochs()) {
                try await note(epoch, fromMilliseconds: start)
            }
        }
        try await attempt("what was hidden") {
            _ = try await setHidden(true, Array(try await old.hiddenParts()))
        }
        try old.close()
        return notes
    }
}

extension Journal {
    /// Erases what a deletion has not come to yet.
    fileprivate func erase(_ deletion: Deletion) throws {
        let parts = RuleParts(deletion.parts)
        var place = start
        while place.sequence < min(deletion.sequence, lastPosition.sequence) {
            place = try erase(after: place, through: lastPosition) { row in
                guard row.position.sequence <= deletion.sequence else { return nil }
                var batch = row.batch
                return try Record.erase(parts, in: &batch) > 0 ? batch : nil
            }.last
        }
    }
}
