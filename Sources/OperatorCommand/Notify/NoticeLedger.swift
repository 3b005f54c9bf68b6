import FoundationEssentials
import Glibc

/// What was told, and what is to be told yet: a file of its own directory, so that each notice is told once, and none is lost
/// where a process, a machine or whoever is to be told is away.
///
/// A notice is on the disk before it is sent, and is marked as told after. So one whose sending a death cut short is sent again.
struct NoticeLedger {
    static let name = "notices.json"
    private static let bytesMax = 16 << 20
    /// How long what was told is remembered after it has stopped being so.
    static let daysRemembered: Int64 = 400
    private static let day: Int64 = 86_400_000

    /// What is in the file.
    private struct Contents: Codable, Equatable {
        var version = 1
        var pending: [Pending] = []
        var told: [Told] = []
        /// nil in a file of before there was any.
        var waiting: [Waiting]?
    }

    /// Of a notice that is not told before it has been so for a while, its id, and when it was first so: milliseconds since 1970,
    /// UTC.
    private struct Waiting: Codable, Equatable {
        let id: String
        let since: Int64
    }

    /// A notice, and by which ways it was not told yet.
    struct Pending: Codable, Equatable {
        let notice: Notice
        var ways: [NoticeWay]
    }

    /// Of a notice that was told, its id, and when it was last so: milliseconds since 1970, UTC.
    struct Told: Codable, Equatable {
        let id: String
        var lastSo: Int64
    }

    private let directory: String
    private let lock: Int32
    private var contents: Contents
    /// What is on the disk.
    private var saved: Contents

    /// Reads the ledger, which is this process's alone until it ends.
    init(directory: String) throws(CommandFailure) {
        self.directory = directory
        lock = open("\(directory)/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0 else {
            let code = errno
            let remedy =
                code == ENOENT ? ": make it, for the user that runs this, or name another in `stateDirectory`" : ""
            throw .inputOutput(
                "the directory \(directory) cannot be opened: \(String(cString: strerror(code)))\(remedy)")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw .temporary("another `rule-outcomes notify` is at work in \(directory); it ends by itself")
        }
        contents = try Self.read("\(directory)/\(Self.name)")
        saved = contents
    }

    private static func read(_ path: String) throws(CommandFailure) -> Contents {
        let bytes: [UInt8]
        do throws(WholeFile.Failure) {
            bytes = try WholeFile.contents(of: path, bytesMax: bytesMax)
        } catch {
            if error.code == ENOENT { return Contents() }
            throw .inputOutput("\(path) cannot be read: \(error.reason). Run this as the user whose it is, or as root")
        }
        guard bytes.count <= bytesMax, let contents = try? JSONDecoder().decode(Contents.self, from: Data(bytes)),
            contents.version == 1
        else {
            throw .data(
                "\(path) is not what this version has written. Put it back from a backup; without it, move it away, and what is so "
                    + "now is told once more")
        }
        return contents
    }

    /// Lets another process have it. A process that ends does.
    func close() {
        // By name: a child that is being made has the directory open as well until it is another program.
        flock(lock, LOCK_UN)
        Glibc.close(lock)
    }

    var pending: [Pending] { contents.pending }

    /// Of these, which are all that are so now, those that were so before, too, for so many hours.
    ///
    /// - Parameter notices: each with the moment at which it is so: milliseconds since 1970, UTC.
    mutating func lasting(_ notices: [(notice: Notice, moment: Int64)], hours: Int) -> [Notice] {
        let since = Dictionary((contents.waiting ?? []).map { ($0.id, $0.since) }) { first, _ in first }
        let waiting = notices.map { notice, moment in
            // A clock that was ahead then holds nothing back for longer than from now on.
            Waiting(id: notice.id, since: min(since[notice.id] ?? moment, moment))
        }
        contents.waiting = waiting
        return zip(notices, waiting).filter { $0.moment - $1.since >= Int64(hours) * 3_600_000 }.map(\.0.notice)
    }

    /// Adds those that were not told, and forgets what was told and is long over.
    ///
    /// - Parameters:
    ///   - notices: all that is so now.
    ///   - ways: by which they are to be told.
    ///   - now: milliseconds since 1970, UTC.
    mutating func add(_ notices: [Notice], by ways: [NoticeWay], at now: Int64) {
        let ids = Set(notices.map(\.id))
        contents.told.removeAll { now - $0.lastSo > Self.daysRemembered * Self.day }
        // To the day, so that the file is not written at each look.
        for place in contents.told.indices
        where ids.contains(contents.told[place].id) && now - contents.told[place].lastSo > Self.day {
            contents.told[place].lastSo = now
        }
        let known = Set(contents.told.map(\.id) + contents.pending.map(\.notice.id))
        contents.pending += notices.filter { !known.contains($0.id) }.map { Pending(notice: $0, ways: ways) }
        // Whoever is not configured any more waits for nothing.
        for place in contents.pending.indices { contents.pending[place].ways.removeAll { !ways.contains($0) } }
        for done in contents.pending.filter(\.ways.isEmpty) {
            contents.told.append(Told(id: done.notice.id, lastSo: now))
        }
        contents.pending.removeAll(where: \.ways.isEmpty)
    }

    /// Marks a notice as told by one of its ways.
    mutating func mark(_ id: String, toldBy way: NoticeWay, at now: Int64) {
        guard let place = contents.pending.firstIndex(where: { $0.notice.id == id }) else { return }
        contents.pending[place].ways.removeAll { $0 == way }
        guard contents.pending[place].ways.isEmpty else { return }
        contents.pending.remove(at: place)
        contents.told.append(Told(id: id, lastSo: now))
    }

    /// Puts a notice behind all others that are to be told.
    mutating func postpone(_ id: String) {
        guard let place = contents.pending.firstIndex(where: { $0.notice.id == id }) else { return }
        contents.pending.append(contents.pending.remove(at: place))
    }

    /// Writes it to the disk, whole or not at all.
    mutating func save() throws(CommandFailure) {
        guard contents != saved else { return }
        let path = "\(directory)/\(Self.name)"
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        guard let data = try? encoder.encode(contents) else { throw .inputOutput("\(path) cannot be encoded") }
        do throws(WholeFile.Failure) {
            try WholeFile.replace(path, with: Array(data), mode: 0o600)
        } catch {
            throw .inputOutput("\(path) cannot be written: \(error.reason)")
        }
        saved = contents
    }
}

/// How a notice is told.
enum NoticeWay: String, Codable, Sendable, CaseIterable {
    case command, webhook
}
