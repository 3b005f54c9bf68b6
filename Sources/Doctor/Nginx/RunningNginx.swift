import Glibc

/// The nginx that runs with the configuration that is looked at.
struct RunningNginx {
    /// As whom its workers run; nil while it has none.
    let workers: Account?
    /// How many files a worker may have open; nil where that is not known.
    let filesMax: Int?
    /// When it read its configuration, in seconds since 1970: that is when its workers were started. Nil where that is not
    /// known.
    let readSeconds: Int?

    private static let title = "nginx: master process "

    /// Nil where none runs, or this process may not look.
    ///
    /// - Parameters:
    ///   - words: how it is called, with the options that name its configuration.
    ///   - configuration: the path of its `nginx.conf`.
    init?(calledAs words: [String], configuration: String) {
        let own = Self.configuration(words)
        let processes = Processes.here
        let masters = processes.filter { processID in
            guard let line = Self.commandLine(processID), line.hasPrefix(Self.title) else { return false }
            let named = Self.configuration(line.dropFirst(Self.title.count).split(separator: " ").map(String.init))
            guard let named else { return own == nil }
            return FileFacts.isSame(named, configuration)
        }
        guard let master = masters.first else { return nil }
        let workers = processes.filter { processID in
            Self.commandLine(processID)?.hasPrefix("nginx: worker process") == true
                && Self.commandLine(processID)?.contains("shutting down") == false
                && Self.status(processID)?.contains("\nPPid:\t\(master)\n") == true
        }
        self.workers = workers.first.flatMap(Self.status).flatMap(Account.init(status:))
        filesMax = workers.first.flatMap(Self.filesMax)
        readSeconds = workers.compactMap(Self.startSeconds).max()
    }

    /// The path that a command line names; nil where it names none.
    private static func configuration(_ words: [String]) -> String? {
        var prefix = ""
        var named: String?
        for (word, next) in zip(words, words.dropFirst() + [""]) {
            if word == "-c" { named = next } else if word.hasPrefix("-c") { named = String(word.dropFirst(2)) }
            if word == "-p" { prefix = next } else if word.hasPrefix("-p") { prefix = String(word.dropFirst(2)) }
        }
        if named == nil, !prefix.isEmpty { named = "conf/nginx.conf" }
        return named.map { $0.hasPrefix("/") ? $0 : "\(prefix)/\($0)" }
    }

    private static func commandLine(_ processID: pid_t) -> String? {
        FileFacts.text(of: "/proc/\(processID)/cmdline").map { $0.replacing("\0", with: " ") }
    }

    private static func status(_ processID: pid_t) -> String? {
        FileFacts.text(of: "/proc/\(processID)/status")
    }

    private static func filesMax(_ processID: pid_t) -> Int? {
        let limits = FileFacts.text(of: "/proc/\(processID)/limits")?.split(separator: "\n")
        let line = limits?.first { $0.hasPrefix("Max open files") }
        return line?.dropFirst("Max open files".count).split(separator: " ").first.flatMap { Int($0) }
    }

    /// By the 22nd field of /proc/…/stat, in ticks since the machine was started.
    private static func startSeconds(_ processID: pid_t) -> Int? {
        guard let stat = FileFacts.text(of: "/proc/\(processID)/stat"), let end = stat.lastIndex(of: ")"),
            let boot = FileFacts.text(of: "/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }
            ),
            let bootSeconds = Int(boot.dropFirst("btime ".count))
        else { return nil }
        let fields = stat[end...].split(separator: " ")
        let ticksPerSecond = sysconf(CInt(_SC_CLK_TCK))
        guard fields.count > 20, let ticks = Int(fields[20]), ticksPerSecond > 0 else { return nil }
        return bootSeconds + ticks / ticksPerSecond
    }
}
