import Glibc

/// The aggregator's unit, where systemd has one.
struct Supervision {
    static let unit = "rule-outcomes-aggregator"

    /// Nil where no systemd runs, or it has no such unit, or this user may not stop it.
    init?() {
        guard geteuid() == 0, access("/run/systemd/system", F_OK) == 0, Self.systemctl("cat") else { return nil }
    }

    var isActive: Bool { Self.systemctl("is-active") }

    /// Returns once no process of it is left.
    func stop() throws(CommandFailure) {
        guard Self.systemctl("stop") else {
            throw .unavailable("`systemctl stop \(Self.unit)` failed; stop the aggregator, then give the command again")
        }
    }

    /// Returns once it serves.
    func start() throws(CommandFailure) {
        _ = Self.systemctl("reset-failed")
        guard Self.systemctl("start") else {
            throw .unavailable("`systemctl start \(Self.unit)` failed; `journalctl -u \(Self.unit)` says why")
        }
    }

    /// Whether it ends with 0. What it prints is not for whoever runs this.
    private static func systemctl(_ word: String) -> Bool {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
        }
        var words: [UnsafeMutablePointer<CChar>?] = []
        for text in ["systemctl", word, unit] { words.append(strdup(text)) }
        defer { for text in words { free(text) } }
        var process: pid_t = 0
        guard posix_spawnp(&process, "systemctl", &actions, nil, words + [nil], environ) == 0 else { return false }
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0 { guard errno == EINTR else { return false } }
        return status == 0
    }
}
