import Glibc

/// As whom a process runs, which decides on the files that it may use.
struct Account: Equatable {
    enum Groups: Equatable {
        /// Those of a process that runs.
        case these([gid_t])
        /// Those that the machine's files give the user.
        case usersOwn
    }

    let user: uid_t
    let group: gid_t
    let groups: Groups

    /// What a process with that name would be.
    init?(named name: String) {
        guard let entry = getpwnam(name) else { return nil }
        user = entry.pointee.pw_uid
        group = entry.pointee.pw_gid
        groups = .usersOwn
    }

    /// What a process is, by its `/proc/…/status`.
    init?(status: String) {
        var numbers: [Substring: [UInt32]] = [:]
        for line in status.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            numbers[parts[0]] = parts[1].split(whereSeparator: \.isWhitespace).compactMap { UInt32($0) }
        }
        // The second is the effective one.
        guard let users = numbers["Uid"], users.count > 1, let groups = numbers["Gid"], groups.count > 1 else {
            return nil
        }
        user = users[1]
        group = groups[1]
        self.groups = .these(numbers["Groups"] ?? [])
    }

    var name: String { Names.user(user) }

    /// Whether this process can act as it.
    var canBeAsked: Bool { geteuid() == 0 || geteuid() == user }

    /// Runs a program as it, which is to ask the kernel what it may do. Nil where this process may not, or there is no such
    /// program.
    func run(_ words: [String]) async -> OtherProgram.Result? {
        if geteuid() == user { return await OtherProgram(words: words).run() }
        guard geteuid() == 0 else { return nil }
        let groups: [String] =
            switch self.groups {
            case .these(let ids) where ids.isEmpty: ["--clear-groups"]
            case .these(let ids): ["--groups", ids.map(String.init).joined(separator: ",")]
            case .usersOwn: ["--init-groups"]
            }
        return await OtherProgram(
            words: ["setpriv", "--reuid", "\(user)", "--regid", "\(group)"] + groups + ["--"] + words
        )
        .run()
    }

    /// Whether it may do with the file what `test` knows by that letter: `r`, `w` or `x`. Nil where it cannot be asked.
    func may(_ letter: Character, _ path: String) async -> Bool? {
        await run(["test", "-\(letter)", path]).map { $0.status == 0 }
    }
}

/// A process of this project's, or of nginx's.
struct RunningDaemon {
    let processID: pid_t
    let account: Account
    /// Its command line.
    let words: [String]
    /// Whether another file has taken the place of its program since it started.
    let isReplaced: Bool

    /// The processes whose program is called `name` on their command lines.
    static func all(named name: String) -> [RunningDaemon] {
        Processes.here.compactMap { processID in
            guard let line = FileFacts.text(of: "/proc/\(processID)/cmdline") else { return nil }
            let words = line.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
            guard let first = words.first, first.split(separator: "/").last.map(String.init) == name,
                let status = FileFacts.text(of: "/proc/\(processID)/status"), let account = Account(status: status)
            else { return nil }
            return RunningDaemon(
                processID: processID, account: account, words: words, isReplaced: isReplaced(processID))
        }
    }

    private static func isReplaced(_ processID: pid_t) -> Bool {
        FileFacts.target(of: "/proc/\(processID)/exe")?.hasSuffix(" (deleted)") == true
    }

    /// Whether it reads that configuration.
    func reads(_ configuration: String, byDefault path: String) -> Bool {
        var named = path
        for (word, next) in zip(words, words.dropFirst() + [""]) {
            if word == "--config" { named = next }
            if word.hasPrefix("--config=") { named = String(word.dropFirst("--config=".count)) }
        }
        // From where it was started.
        if !named.hasPrefix("/") { named = "/proc/\(processID)/cwd/\(named)" }
        return FileFacts.isSame(named, configuration)
    }
}

/// Processes of this machine, but for those of containers, whose files are others.
enum Processes {
    static var here: [pid_t] {
        let own = FileFacts.target(of: "/proc/self/ns/mnt")
        return FileFacts.names(in: "/proc").compactMap { pid_t($0) }.filter { processID in
            // systemd gives each service that is shut off files of its own, which are seen through a mount namespace, too; its
            // root is this one's all the same.
            let other = FileFacts.target(of: "/proc/\(processID)/ns/mnt")
            return other == nil || other == own || FileFacts.isSame("/proc/\(processID)/root/etc", "/etc")
        }
    }
}
