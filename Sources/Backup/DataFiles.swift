import Aggregator
import Glibc
import Journal
import Records
import SQLiteStorage
import SQLiteSupport

/// The files of a data directory that a backup is of: the store, the journal, and which subject secret they go with.
public struct DataFiles: Sendable {
    /// The store's and the journal's: in the order in which they are copied, and put back. The journal may be ahead of the
    /// store, never behind it.
    static let databases = [DataFileName.store, DataFileName.journal]
    /// What SQLite keeps beside a file.
    static let suffixes = ["-wal", "-shm", "-journal"]
    /// All that there may be.
    static let names =
        databases.flatMap { name in [name] + suffixes.map { name + $0 } } + [EpochFile.name, "\(EpochFile.name).new"]

    public let directory: String

    init(in directory: String) {
        self.directory = directory
    }

    func path(_ name: String) -> String {
        "\(directory)/\(name)"
    }

    /// Those that there are.
    var present: [String] { Self.names.filter { access(path($0), F_OK) == 0 } }

    /// Reads all of both databases, and holds them against each other as a start of the aggregator does. They are opened for
    /// writing, so this is for copies that nobody else uses; nothing but the files themselves is left of it.
    ///
    /// - Parameter shown: what errors call the directory.
    func verified(as shown: String) async throws(BackupError) -> BackupContents {
        do {
            return try await verify()
        } catch {
            let error = BackupError(error, about: shown)
            let name = { (text: String) in text.replacing(directory, with: shown) }
            switch error {
            case .damaged(let reason): throw .damaged(reason: name(reason))
            case .unusable(let path, let reason): throw .unusable(path: name(path), reason: name(reason))
            case .inputOutput(let path, let reason): throw .inputOutput(path: name(path), reason: name(reason))
            case .noRoom, .busy: throw error
            }
        }
    }

    private func verify() async throws -> BackupContents {
        for name in Self.databases {
            guard Files.byteCount(of: path(name)) ?? 0 > 0 else {
                throw BackupError.damaged(
                    reason: "\(path(name)): is missing or empty, so this is no backup that is whole")
            }
            do {
                try DatabaseCopy.checkIntegrity(of: path(name))
            } catch {
                throw BackupError(error, about: path(name))
            }
        }
        let mark = try EpochFile(dataDirectory: directory).read()
        let journal = try Journal(path: path(DataFileName.journal))
        let store = try SQLiteOutcomeStore(path: path(DataFileName.store))
        let recovered = try await Recovery(journal: journal, store: store, storePath: store.path)
        let total = try journal.total(after: journal.start)
        let epoch = if let mark { mark.epoch } else { try await store.subjectEpochs().last }
        let last = try journal.commitTimes()?.lastMilliseconds
        try store.close()
        try journal.close()
        for name in Self.databases {
            guard access(path("\(name)-wal"), F_OK) != 0 else {
                throw BackupError.busy(path: path(name), reason: "another process reads it; end that one")
            }
            try Files.sync(path(name))
        }
        return BackupContents(
            lastSequence: journal.lastPosition.sequence, countedSequence: recovered.folded.sequence,
            commits: total.commits,
            records: total.records, lastMilliseconds: last,
            byteCount: Self.databases.reduce(0) { $0 + (Files.byteCount(of: path($1)) ?? 0) }, epoch: epoch)
    }
}

/// What a backup has.
public struct BackupContents: Sendable, Equatable {
    /// The journal's last commit, and the one up to which the store has counted.
    public let lastSequence: Int64
    public let countedSequence: Int64
    /// How many the journal still holds. The store has counted more.
    public let commits: Int
    public let records: Int
    /// When the last commit was made, since 1970, UTC; nil where there is none.
    public let lastMilliseconds: Int64?
    public let byteCount: Int64
    /// Which subject secret it goes with; nil where any will do.
    public let epoch: SubjectEpoch?
}
