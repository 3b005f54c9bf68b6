import ArgumentParser
import Daemon
import Doctor
import FoundationEssentials
import Glibc

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Go through the installation and say what is wrong.",
        discussion: """
            From the configuration to an answer of the endpoint: the files and sockets as the daemons' users and nginx's \
            workers see them, the disk, the clock, the daemons, all that nginx includes, and a request to each server block \
            that has the endpoint, which is checked like any other and not recorded. It changes nothing of yours, and reloads nothing.

            Each line says what is so, and where it is not as it should be, what to do. The exit status is 0 when nothing is \
            wrong, 1 when something deserves a look, and 2 when something does not work, as Nagios has it.

            Run it as root, who may look at everything.

            Examples:
              rule-outcomes doctor
              rule-outcomes doctor --json
              rule-outcomes doctor --all --nginx /opt/nginx/sbin/nginx
            """)

    @OptionGroup var options: ConfigurationOptions

    @Option(
        help: ArgumentHelp(
            "How nginx is called: its path, and the options that name its configuration.", valueName: "command"))
    var nginx = "nginx"

    @Flag(help: "Show what is right as well.")
    var all = false

    @Flag(help: "Show all of it as JSON.")
    var json = false

    func run() async throws {
        let words = nginx.split(separator: " ").map(String.init)
        guard !words.isEmpty else { throw ValidationError("--nginx names no program") }
        let doctor = Doctor(path: options.config, nginx: words, program: Self.ownPath, version: Version.current)
        let diagnosis = await doctor.examine { configuration in
            do throws(CommandFailure) {
                return .told(try await AnalyticsClient(socket: configuration.aggregator.analyticsSocket).status())
            } catch {
                return .silent(String(error.text.trimmingPrefix("Error: ")))
            }
        }
        Output.standard.write(json ? try Self.json(diagnosis) : Self.text(diagnosis, showsAll: all))
        if diagnosis.exitStatus != 0 { throw ExitCode(diagnosis.exitStatus) }
    }

    private static func text(_ diagnosis: Diagnosis, showsAll: Bool) -> String {
        DiagnosisText(diagnosis, showsAll: showsAll, columnsMax: Output.standard.terminalColumns).text
    }

    private static func json(_ diagnosis: Diagnosis) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(diagnosis), as: UTF8.self) + "\n"
    }

    /// This program's file, which other users run as well.
    private static var ownPath: String {
        var bytes = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &bytes, bytes.count)
        guard count > 0 else { return CommandLine.arguments[0] }
        return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// What was found, for a person: first the verdict, then a paragraph for each area.
struct DiagnosisText {
    let text: String

    /// What stands in front of a finding's own lines.
    private static let indent = 10

    /// - Parameter columnsMax: How wide the terminal is; nil for lines of any length.
    init(_ diagnosis: Diagnosis, showsAll: Bool, columnsMax: Int?) {
        let width = columnsMax.map { max($0 - Self.indent, 20) }
        var lines = [diagnosis.verdict]
        var area: Finding.Area?
        for finding in diagnosis.findings where showsAll || finding.judgement != .fine {
            if finding.area != area {
                lines += ["", finding.area.rawValue]
                area = finding.area
            }
            lines += Self.lines(finding, width)
        }
        text = lines.map { $0 + "\n" }.joined()
    }

    private static func lines(_ finding: Finding, _ width: Int?) -> [String] {
        let word = "  \(finding.judgement.rawValue)"
        let indent = String(repeating: " ", count: indent)
        var lines = folded(finding.fact.escapedForTerminal, width).map { indent + $0 }
        lines[0] = word + lines[0].dropFirst(word.count)
        guard let remedy = finding.remedy else { return lines }
        let further = folded(remedy.escapedForTerminal, width.map { $0 - 3 })
        return lines + zip(further, ["-> "] + Array(repeating: "   ", count: further.count)).map { indent + $1 + $0 }
    }

    /// The text in lines of at most `width` columns, broken at spaces; a word that is longer has a line of its own.
    private static func folded(_ text: String, _ width: Int?) -> [String] {
        guard let width else { return [text] }
        var lines = [""]
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if lines[lines.count - 1].isEmpty {
                lines[lines.count - 1] = String(word)
            } else if lines[lines.count - 1].columns + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
