import Foundation
import Testing

/// The executables under test, as built beside the tests.
enum Executables {
    static let responder = url("rule-outcomes-responder")
    static let aggregator = url("rule-outcomes-aggregator")
    static let operatorTool = url("rule-outcomes")
    static let simulatedPast = url("SimulatedPast")
    static let promtool = URL(fileURLWithPath: "/usr/bin/promtool")
    static let shell = URL(fileURLWithPath: "/bin/sh")

    /// The root of the checkout.
    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Runs a Python script of these tests, in the environment that `make test` has made for them.
    static func runPython(
        _ script: String, _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> (status: Int32, text: String) {
        let python = repository.appendingPathComponent(".build/python/bin/python")
        try #require(
            FileManager.default.isExecutableFile(atPath: python.path), "\(python.path) is missing: run `make test`")
        let path = repository.appendingPathComponent("Tests/IntegrationTests/\(script)").path
        let process = try RunningProcess(python, ["-B", path] + arguments, environment: environment)
        let status = await process.waitForExit()
        await process.waitForEnd()
        return (status, process.text)
    }

    private static func url(_ name: String) -> URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent(name)
    }
}

extension Deployment {
    /// Runs the operator's tool on this deployment's configuration.
    func run(_ arguments: String...) async throws -> (status: Int32, text: String) {
        let process = try RunningProcess(Executables.operatorTool, arguments + ["--config", configurationPath])
        let status = await process.waitForExit()
        await process.waitForEnd()
        return (status, process.text)
    }

    /// Gives `rule-outcomes forget` these tracking ids on standard input.
    func forget(_ trackingIDs: String) async throws -> (status: Int32, text: String) {
        let process = try forgetting(trackingIDs)
        let status = await process.waitForExit()
        await process.waitForEnd()
        return (status, process.text)
    }

    /// The same, which goes on.
    func forgetting(_ trackingIDs: String) throws -> RunningProcess {
        try write(trackingIDs, to: "ids")
        return try RunningProcess(
            Executables.shell,
            [
                "-c", "exec \"$0\" forget --config \"$1\" < \"$2\"", Executables.operatorTool.path, configurationPath,
                path("ids"),
            ])
    }
}
