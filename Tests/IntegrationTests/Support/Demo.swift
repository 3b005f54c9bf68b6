import Foundation

/// nginx/demo.sh with the executables under test, on a port and in a directory of its own.
final class Demo {
    let process: RunningProcess
    private let directory: URL

    init(mode: String) throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("ro-\(UUID().uuidString.prefix(8))")
        process = try RunningProcess(
            Executables.repository.appendingPathComponent("nginx/demo.sh"), [mode],
            environment: [
                "BIN": Executables.responder.deletingLastPathComponent().path, "RUN_DIR": directory.path,
                "PORT": "\(try Ports.free())", "PAST": "no",
            ])
    }

    deinit {
        process.signal(SIGTERM)
        try? FileManager.default.removeItem(at: directory)
    }

    /// Runs the commands that the demo prints, as a person would paste them, and returns what they print.
    func pasteCommands() async throws -> String {
        let lines = process.text.split(separator: "\n", omittingEmptySubsequences: false)
        let commands = lines.filter { $0.hasPrefix("  ") }.joined(separator: "\n")
        let shell = try RunningProcess(Executables.shell, ["-c", commands])
        _ = await shell.waitForExit()
        await shell.waitForEnd()
        return shell.text
    }
}

extension RunningProcess {
    /// Kills the descendant that runs `name`, as its kernel name begins with it.
    func killChild(named name: String) {
        for child in Self.descendants(of: processID) where Self.commandLine(child).contains("/\(name)\0") {
            kill(child, SIGKILL)
        }
    }

    static func children(of processID: Int32) -> [Int32] {
        let path = "/proc/\(processID)/task/\(processID)/children"
        let children = ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: " ")
        return children.compactMap { Int32($0) }
    }

    private static func descendants(of processID: Int32) -> [Int32] {
        children(of: processID).flatMap { [$0] + descendants(of: $0) }
    }

    private static func commandLine(_ processID: Int32) -> String {
        (try? String(contentsOfFile: "/proc/\(processID)/cmdline", encoding: .utf8)) ?? ""
    }
}
