import Analytics
import ConfigurationFile
import FoundationEssentials
import Glibc
import HTTPRequests

/// Asks the aggregator's analytics over their Unix socket.
struct AnalyticsClient: Sendable {
    /// Beyond any report that the configured limits allow for.
    private static let bodyBytesMax = 256 << 20
    private static let timeoutSeconds = 30

    private let socket: String
    private let client = HTTPClient()

    init(socket: String) {
        self.socket = socket
    }

    func status() async throws(CommandFailure) -> StatusReport {
        try Self.decode(try await body(of: .status))
    }

    /// What is counted under a rule version; nil when the site has no conversions of it.
    func outcomes(site: String, ruleID: String) async throws(CommandFailure) -> OutcomesReport? {
        let answer = try await answer(to: .outcomes(site: site, ruleID: ruleID))
        return answer.status == 404 ? nil : try Self.decode(try answer.bodyOfSuccess())
    }

    /// The answer's body as it came.
    ///
    /// - Parameter named: what the address names; where there is no such thing, the error says what may have been meant.
    func body(
        of address: AnalyticsAddress, naming named: NamedReport? = nil
    ) async throws(CommandFailure) -> [UInt8] {
        let answer = try await answer(to: address)
        guard let named, answer.status == 404 else { return try answer.bodyOfSuccess() }
        let meant = await meant(by: named)
        do throws(CommandFailure) {
            return try answer.bodyOfSuccess()
        } catch {
            throw meant.map { error.continued(" \($0)") } ?? error
        }
    }

    /// A sentence about what may have been meant; nil where there is nothing to say, or nobody to ask.
    private func meant(by named: NamedReport) async -> String? {
        let rules: RulesReport
        do throws(CommandFailure) {
            let answer = try await answer(to: .rules(site: named.site))
            guard answer.status != 404 else {
                let sites: SitesReport = try Self.decode(try await body(of: .sites))
                return SuggestedName(for: named.site, among: sites.sites).sentence(others: "The sites are")
            }
            rules = try Self.decode(try answer.bodyOfSuccess())
        } catch {
            return nil
        }
        return named.ruleID.flatMap { SuggestedName(for: $0, among: rules.rules.compactMap(\.ruleId)).sentence() }
    }

    static func decode<Report: Decodable>(_ body: [UInt8]) throws(CommandFailure) -> Report {
        do {
            return try JSONDecoder().decode(Report.self, from: Data(body))
        } catch {
            throw .data("the aggregator's answer is not one that this version knows: is it of another version?")
        }
    }

    private func answer(to address: AnalyticsAddress) async throws(CommandFailure) -> AnalyticsAnswer {
        // The host is for the form's sake: the connection goes to the socket.
        let request = HTTPRequest(
            url: "http://localhost\(address.text)", socket: socket, timeoutSeconds: Self.timeoutSeconds,
            answerBytesMax: Self.bodyBytesMax)
        do {
            let response = try await client.send(request)
            return AnalyticsAnswer(status: response.status, body: response.body)
        } catch {
            throw .unavailable(explanation(error))
        }
    }

    /// Why no answer came, in words for whoever can do something about it.
    private func explanation(_ failure: HTTPFailure) -> String {
        let name = "the analytics socket \(socket.escapedForTerminal)"
        return switch failure.systemError {
        case ENOENT: "\(name) does not exist: is rule-outcomes-aggregator running?"
        case ECONNREFUSED: "nobody listens on \(name): is rule-outcomes-aggregator running?"
        case EACCES, EPERM: "\(name) may not be opened by this user: \(SocketPermission(socket).remedy)"
        default: "\(name) gives no answer (\(failure)): is rule-outcomes-aggregator running?"
        }
    }
}

/// What a report is of, as somebody wrote it.
struct NamedReport {
    let site: String
    /// nil for a report of the site.
    var ruleID: String?
}

/// What somebody who named something that is not there may have meant, of all that is there.
struct SuggestedName {
    /// What stands for the middle of an id in a table.
    private static let omission = "…"

    let name: String?
    private let candidates: [String]

    init(for written: String, among candidates: [String]) {
        self.candidates = candidates
        name = Self.shortened(written, candidates) ?? Suggestion.nearest(to: written, among: candidates)
    }

    /// The only one that a table shows as what was written.
    private static func shortened(_ written: String, _ candidates: [String]) -> String? {
        guard let omission = written.firstRange(of: omission) else { return nil }
        let fitting = candidates.filter { candidate in
            let shown = candidate.escapedForTerminal
            return shown.count >= written.count && shown.hasPrefix(written[..<omission.lowerBound])
                && shown.hasSuffix(written[omission.upperBound...])
        }
        return fitting.count == 1 ? fitting.first : nil
    }

    /// For a terminal: a question, or where it is nothing like the others, all that there are behind `others`. nil where neither
    /// helps.
    func sentence(others: String? = nil) -> String? {
        if let name { return "Did you mean '\(name.escapedForTerminal)'?" }
        guard let others, !candidates.isEmpty else { return nil }
        return "\(others) \(candidates.map(\.escapedForTerminal).joined(separator: ", "))."
    }
}

/// An answer of the analytics: a report, or a problem as RFC 9457 has it.
struct AnalyticsAnswer {
    private struct Problem: Decodable {
        let detail: String
    }

    let status: Int
    let body: [UInt8]

    /// The body of an answer with what was asked for.
    func bodyOfSuccess() throws(CommandFailure) -> [UInt8] {
        guard status != 200 else { return body }
        let problem = try? JSONDecoder().decode(Problem.self, from: Data(body))
        let detail = problem?.detail.escapedForTerminal ?? "the aggregator answered \(status)"
        throw (400..<500).contains(status) ? .data(detail) : .unavailable(detail)
    }
}

/// Who may open a Unix socket that this process may not.
struct SocketPermission {
    private let socket: String

    init(_ socket: String) {
        self.socket = socket
    }

    /// What whoever may not open the socket has to do.
    var remedy: String {
        let obstacle = obstacle
        guard let group = Self.group(of: obstacle) else { return "run this as root, or as the user that owns it" }
        let place = obstacle == socket ? "owns it" : "owns the directory \(obstacle.escapedForTerminal)"
        return "join the group \(group), which \(place), or run this as root"
    }

    /// The first directory on the way that this process may not pass, otherwise the socket.
    private var obstacle: String {
        let slashes = socket.indices.filter { socket[$0] == "/" && $0 != socket.startIndex }
        return slashes.map { String(socket[..<$0]) }.first { access($0, X_OK) != 0 } ?? socket
    }

    /// The name of the group that owns the file, or its number when it has no name.
    private static func group(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        guard let entry = getgrgid(status.st_gid) else { return "\(status.st_gid)" }
        return String(cString: entry.pointee.gr_name)
    }
}

/// What the analytics can be asked for, as the path and query of a URL.
struct AnalyticsAddress: Equatable {
    let text: String

    static let status = AnalyticsAddress(text: "/v1/status")
    static let sites = AnalyticsAddress(text: "/v1/sites")

    static func rules(site: String) -> AnalyticsAddress {
        AnalyticsAddress(text: "/v1/sites/\(site.percentEncoded)/rules")
    }

    /// - Parameter query: further names and values; what has none is left out.
    static func outcomes(
        site: String, ruleID: String, _ query: [(String, String?)] = []
    ) -> AnalyticsAddress {
        report("outcomes", site: site, ruleID: ruleID, query)
    }

    /// Zephr's own shape.
    static func export(site: String, ruleID: String, _ query: [(String, String?)]) -> AnalyticsAddress {
        report("export", site: site, ruleID: ruleID, query)
    }

    /// - Parameter ruleID: nil for all of the site.
    static func answers(site: String, ruleID: String?, _ query: [(String, String?)]) -> AnalyticsAddress {
        AnalyticsAddress(text: "/v1/sites/\(site.percentEncoded)/answers\(text([("ruleId", ruleID)] + query))")
    }

    /// The console's page of a rule version, as a file by itself.
    static func page(site: String, ruleID: String, _ query: [(String, String?)]) -> AnalyticsAddress {
        AnalyticsAddress(text: "/console/\(site.percentEncoded)/result" + text(ofRule: ruleID, query))
    }

    /// What one of its groups comes to, as a drawing.
    static func picture(site: String, ruleID: String, _ query: [(String, String?)]) -> AnalyticsAddress {
        AnalyticsAddress(text: "/console/\(site.percentEncoded)/result.svg" + text(ofRule: ruleID, query))
    }

    private static func report(
        _ name: String, site: String, ruleID: String, _ query: [(String, String?)]
    ) -> AnalyticsAddress {
        AnalyticsAddress(text: "/v1/sites/\(site.percentEncoded)/\(name)" + text(ofRule: ruleID, query))
    }

    private static func text(ofRule ruleID: String, _ query: [(String, String?)]) -> String {
        text([("ruleId", ruleID)] + query)
    }

    /// What has no value is left out.
    private static func text(_ query: [(String, String?)]) -> String {
        "?" + query.compactMap { name, value in value.map { "\(name)=\($0.percentEncoded)" } }.joined(separator: "&")
    }
}
