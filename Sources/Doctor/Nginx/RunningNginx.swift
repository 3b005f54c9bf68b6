import Glibc

/// The nginx that runs with the configuration that is looked at.
struct RunningNginx {
    /// As whom its workers run; nil while it has none.
    let workers: Account?
    /// How many files a worker may have open; nil where that is not known.
    let filesMax: Int?

    private static let title = "nginx: master process "

    /// Nil where none runs, or this process may not look.
    ///
    /// - Parameter words: how it is called, with the options that name its configuration.
    init?(calledAs words: [String]) {
        let options = Self.place(Array(words.dropFirst()))
        let processes = FileFacts.names(in: "/proc").compactMap { pid_t($0) }
        let masters = processes.filter { processID in
            guard let line = Self.commandLine(processID), line.hasPrefix(Self.title) else { return false }
            let called = line.dropFirst(Self.title.count).split(separator: " ").dropFirst().map(String.init)
            return Self.place(called) == options
        }
        guard let master = masters.first else { return nil }
        let worker = processes.first { processID in
            Self.commandLine(processID)?.hasPrefix("nginx: worker process") == true
                && Self.status(processID)?.contains("\nPPid:\t\(master)\n") == true
        }
        workers = worker.flatMap(Self.status).flatMap(Account.init(status:))
        filesMax = worker.flatMap(Self.filesMax)
    }

    /// The options that say which configuration it is, and no others.
    private static func place(_ words: [String]) -> [String: String] {
        var place: [String: String] = [:]
        for (word, next) in zip(words, words.dropFirst()) where word == "-c" || word == "-p" { place[word] = next }
        return place
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
}
