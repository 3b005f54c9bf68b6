import Subprocess

/// A program that is run for what it says.
struct OtherProgram {
    struct Result {
        /// 128 and the signal's number, as shells have it, where a signal ended it.
        let status: Int32
        var isTimedOut: Bool { status == OtherProgram.timedOut }
        let output: String
        let error: String
    }

    private static let outputBytesMax = 64 << 20
    /// A program that waits for a name server, a terminal or a disk that does not answer is ended after that.
    private static let secondsMax = 60
    /// How timeout(1) ends where it had to end the program, and where there is no such program.
    private static let (timedOut, isMissing): (Int32, Int32) = (124, 127)

    /// Its name, or path, and its arguments.
    let words: [String]

    /// Nil where there is no such program.
    func run() async -> Result? {
        // nginx and others stand where an ordinary user's PATH may not lead.
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        let arguments = ["--kill-after=5", "\(Self.secondsMax)"] + words
        do {
            let result = try await Subprocess.run(
                .name("timeout"), arguments: Arguments(arguments),
                environment: .inherit.updating(["PATH": path, "LC_ALL": "C"]),
                output: .bytes(limit: Self.outputBytesMax),
                error: .bytes(limit: Self.outputBytesMax))
            let status: Int32 =
                switch result.terminationStatus {
                case .exited(let code): code
                case .signaled(let signal): 128 + signal
                }
            guard status != Self.isMissing else { return nil }
            return Result(
                status: status, output: String(decoding: result.standardOutput, as: UTF8.self),
                error: String(decoding: result.standardError, as: UTF8.self))
        } catch {
            return nil
        }
    }
}
