import Subprocess

/// A program that is run for what it says.
struct OtherProgram {
    struct Result {
        /// 128 and the signal's number, as shells have it, where a signal ended it.
        let status: Int32
        let output: String
        let error: String
    }

    private static let outputBytesMax = 64 << 20

    /// Its name, or path, and its arguments.
    let words: [String]

    /// Nil where there is no such program.
    func run() async -> Result? {
        guard let name = words.first else { return nil }
        let program: Executable = name.contains("/") ? .path(.init(name)) : .name(name)
        // nginx and others stand where an ordinary user's PATH may not lead.
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        do {
            let result = try await Subprocess.run(
                program, arguments: Arguments(Array(words.dropFirst())),
                environment: .inherit.updating(["PATH": path, "LC_ALL": "C"]),
                output: .bytes(limit: Self.outputBytesMax),
                error: .bytes(limit: Self.outputBytesMax))
            let status: Int32 =
                switch result.terminationStatus {
                case .exited(let code): code
                case .signaled(let signal): 128 + signal
                }
            return Result(
                status: status, output: String(decoding: result.standardOutput, as: UTF8.self),
                error: String(decoding: result.standardError, as: UTF8.self))
        } catch {
            return nil
        }
    }
}
