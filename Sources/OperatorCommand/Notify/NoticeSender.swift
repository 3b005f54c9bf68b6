import Analytics
import ConfigurationFile
import Credentials
import Cryptography
import Daemon
import FoundationEssentials
import HTTPRequests
import Subprocess

/// Why a notice could not be told. It holds nothing of an address and nothing of a secret.
struct NoticeFailure: Error, Equatable {
    let text: String
}

/// Runs a program with each notice on its standard input.
struct NoticeCommand {
    /// How long it may take.
    static let secondsMax = 60

    private let program: String
    private let arguments: [String]
    private let secondsMax: Int

    /// - Parameters:
    ///   - words: its absolute path, and its arguments. No shell reads them.
    ///   - secondsMax: how long it may take.
    init?(_ words: [String], secondsMax: Int = Self.secondsMax) {
        guard let program = words.first else { return nil }
        self.program = program
        self.secondsMax = secondsMax
        arguments = Array(words.dropFirst())
    }

    /// Returns once it has ended with 0. Its standard input is the line of text, and the JSON in a line below; what it writes goes
    /// where this process writes.
    func send(_ notice: Notice, at moment: Timestamp) async throws(NoticeFailure) {
        let input: [UInt8]
        do { input = Array("\(notice.text)\n".utf8) + (try notice.message(at: moment.text)) + [10] } catch {
            throw NoticeFailure(text: "the notice cannot be encoded")
        }
        let status: TerminationStatus?
        do { status = try await run(input) } catch {
            throw NoticeFailure(text: "\(program.escapedForTerminal) cannot be run: \(error)")
        }
        guard let status else {
            throw NoticeFailure(
                text: "\(program.escapedForTerminal) did not end within \(secondsMax) s, and was killed")
        }
        guard status.isSuccess else {
            throw NoticeFailure(text: "\(program.escapedForTerminal) ended with \(status), not 0")
        }
    }

    /// nil where it takes too long. Then it is killed, and all that it has started with it.
    private func run(_ input: [UInt8]) async throws -> TerminationStatus? {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(2))]
        let configured = options
        return try await withThrowingTaskGroup(of: TerminationStatus?.self) { tasks in
            tasks.addTask {
                try await Subprocess.run(
                    .path(.init(program)), arguments: .init(arguments), platformOptions: configured,
                    input: .array(input),
                    output: .currentStandardOutput, error: .currentStandardError
                ).terminationStatus
            }
            tasks.addTask {
                try await Task.sleep(for: .seconds(secondsMax))
                return nil
            }
            defer { tasks.cancelAll() }
            return try await tasks.next() ?? nil
        }
    }
}

/// Sends each notice to an address, signed as the Standard Webhooks specification has it: `webhook-id`, `webhook-timestamp`, and
/// in `webhook-signature` `v1,` and the HMAC-SHA-256 over both and the body, with full stops between, in Base64.
struct NoticeWebhook {
    static let timeoutSeconds = 20
    private static let answerBytesMax = 64 << 10
    static let secretPrefix = "whsec_"
    static let secretBytes = 24...64

    private let url: HTTPSURL
    private let key: HMAC
    private let client: HTTPClient

    /// Reads the files that are named.
    ///
    /// - Parameter authorities: A file of those who may sign certificates; nil for those that Debian trusts.
    init(_ webhook: NotifyConfiguration.Webhook, authorities: String?) throws(ConfigurationError) {
        url = try Self.url(in: webhook.url)
        key = HMAC(.sha256, key: try Self.secret(in: webhook.secret))
        var options = HTTPClient.Options()
        options.authorities = authorities
        client = HTTPClient(options)
    }

    static func url(in file: KeyFile) throws(ConfigurationError) -> HTTPSURL {
        let line = try file.line()
        guard let url = HTTPSURL(line) else {
            throw file.error("must hold one URL that begins with https://, without a user, a password and a fragment")
        }
        return url
    }

    static func secret(in file: KeyFile) throws(ConfigurationError) -> [UInt8] {
        let line = try file.line()
        let text = line.hasPrefix(secretPrefix) ? line.dropFirst(secretPrefix.count) : line[...]
        guard let secret = Data(base64Encoded: String(text)), secretBytes.contains(secret.count) else {
            throw file.error(
                "must hold \(secretBytes.lowerBound) to \(secretBytes.upperBound) bytes in Base64, with or without \(secretPrefix) in "
                    + "front. Make one with '(umask 077; echo \"whsec_$(head -c 32 /dev/urandom | base64 -w 0)\" > \(file.path))'"
            )
        }
        return Array(secret)
    }

    /// Returns once it is answered with a status of success.
    func send(_ notice: Notice, at moment: Timestamp, seconds: Int64) async throws(NoticeFailure) {
        let body: [UInt8]
        do { body = try notice.message(at: moment.text) } catch {
            throw NoticeFailure(text: "the notice cannot be encoded")
        }
        var request = HTTPRequest(
            url: url.text, method: "POST", timeoutSeconds: Self.timeoutSeconds, answerBytesMax: Self.answerBytesMax)
        request.body = body
        request.headers.add("Content-Type", "application/json")
        request.headers.add("User-Agent", "rule-outcomes/\(Version.current)")
        request.headers.add("webhook-id", notice.id)
        request.headers.add("webhook-timestamp", "\(seconds)")
        request.headers.add("webhook-signature", signature(id: notice.id, seconds: seconds, body: body))
        let answer: HTTPResponse
        do throws(HTTPFailure) { answer = try await client.send(request) } catch {
            throw NoticeFailure(text: "the webhook at \(url.origin): \(error)")
        }
        guard (200...299).contains(answer.status) else {
            throw NoticeFailure(text: "the webhook at \(url.origin) answers \(answer.status), not 200 to 299")
        }
    }

    private func signature(id: String, seconds: Int64, body: [UInt8]) -> String {
        let signed = Array("\(id).\(seconds).".utf8) + body
        return "v1," + Data(signed.withUnsafeBytes { key.code(of: $0) }).base64EncodedString()
    }
}

extension KeyFile {
    /// The only line that the file holds, white space around it left out.
    fileprivate func line() throws(ConfigurationError) -> String {
        let text = String(decoding: try contents(), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(of: " \t") }.filter {
            !$0.isEmpty
        }
        guard let line = lines.first, lines.count == 1 else {
            throw error("must hold one line, not \(lines.count)")
        }
        return line
    }
}

extension Substring {
    fileprivate func trimmingCharacters(of characters: String) -> String {
        let start = drop { characters.contains($0) }
        return String(start.reversed().drop { characters.contains($0) }.reversed())
    }
}
