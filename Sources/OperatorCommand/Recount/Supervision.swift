import Glibc
import Subprocess

/// The aggregator's unit, where systemd has one.
struct Supervision {
    static let unit = "rule-outcomes-aggregator"

    /// Nil where no systemd runs, or it has no such unit, or this user may not stop it.
    init?() async {
        guard geteuid() == 0, access("/run/systemd/system", F_OK) == 0, await Self.systemctl("cat") else { return nil }
    }

    var isActive: Bool {
        get async { await Self.systemctl("is-active") }
    }

    /// Returns once no process of it is left.
    func stop() async throws(CommandFailure) {
        guard await Self.systemctl("stop") else {
            throw .unavailable("`systemctl stop \(Self.unit)` failed; stop the aggregator, then give the command again")
        }
    }

    /// Returns once it serves.
    func start() async throws(CommandFailure) {
        _ = await Self.systemctl("reset-failed")
        guard await Self.systemctl("start") else {
            throw .unavailable("`systemctl start \(Self.unit)` failed; `journalctl -u \(Self.unit)` says why")
        }
    }

    /// Whether it ends with 0. What it prints is not for whoever runs this.
    private static func systemctl(_ word: String) async -> Bool {
        // Whoever presses Ctrl-C means this process, which goes on, and not the stop or start that is under way.
        var options = PlatformOptions()
        options.createSession = true
        let result = try? await Subprocess.run(
            .name("systemctl"), arguments: [word, unit], platformOptions: options, output: .discarded,
            error: .discarded)
        return result?.terminationStatus.isSuccess == true
    }
}
