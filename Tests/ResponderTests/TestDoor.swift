import ConfigurationFile
import Credentials
import Records
import TestSupport

@testable import Responder

/// The door for nginx's log, and what it said of each line.
struct TestDoor {
    let door: LogDoor
    private let log = LogRecorder()

    /// Besides the site `default` there is `off`, whose analytics is off.
    init() throws {
        let sites = [
            "default": try Site(.test { $0.credentialsRequired = .always }),
            "off": try Site(.test { $0.analytics = false }),
        ]
        self.init(directory: SiteDirectory(sites))
    }

    init(directory: SiteDirectory) {
        door = LogDoor(
            sites: directory, subjectKey: SubjectKey(secret: TestEndpoint.subjectSecret),
            notices: Notices(logger: log.logger))
    }

    func judge(_ line: TestLine, at now: Int64 = TestLine.timeMilliseconds) -> LogDoor.Judgement {
        judge(line.bytes, at: now)
    }

    func judge(_ bytes: [UInt8], at now: Int64 = TestLine.timeMilliseconds) -> LogDoor.Judgement {
        bytes.withUnsafeBytes { door.judge($0, nowMilliseconds: now) }
    }

    var logLines: [String] { log.lines }
}

extension LogDoor.Judgement {
    /// Why something of the line does not count, as often as it is told.
    var reasons: [String] {
        losses.flatMap { Array(repeating: $0.fault.reason, count: $0.count) }
    }

    var explanations: [String] { losses.compactMap(\.fault.explanation) }
}

/// A line of nginx's log of exposures as it arrives, in which nothing is wrong until a test changes it.
struct TestLine: Sendable {
    static let outcomes = #"[{"ruleId": "article-22", "outcomeId": "graph/1#1"}]"#
    static let timeMilliseconds: Int64 = 1_700_000_000_123

    /// What syslog puts in front, as nginx does with `nohostname,tag=rule_outcomes`.
    var head = "<190>Nov 14 22:13:20 rule_outcomes: "
    private var members = [
        (name: "site", json: #""default""#), (name: "exclude", json: #""""#),
        (name: "id", json: "\"\(TestRequest.requestID)\""), (name: "time", json: #""1700000000.123""#),
        (name: "nginx", json: #""1.31.3""#), (name: "host", json: #""www.example.com""#),
        (name: "path", json: #""/articles/22""#), (name: "trackingId", json: "\"\(TestRequest.trackingID)\""),
        (name: "setCookie", json: #""""#), (name: "trackingIdSet", json: #""""#),
        (name: "outcomes", json: Self.quoted(Self.outcomes)),
    ]
    /// What stands behind the object.
    var tail = ""

    /// A line of what nginx answered by itself.
    static func answered(_ status: String, uri: String = Door.conversionsPath, exclude: String = "") -> TestLine {
        var line = TestLine()
        line.members = [
            ("answered", quoted(status)), ("uri", quoted(uri)), ("site", quoted("default")),
            ("exclude", quoted(exclude)),
        ]
        return line
    }

    /// The line with this value of a member, written as nginx writes it.
    func with(_ name: String, _ value: String) -> TestLine {
        with(name, json: Self.quoted(value))
    }

    /// The line with a member whose value is `json`; without it when that is nil.
    func with(_ name: String, json: String?) -> TestLine {
        var line = self
        line.members.removeAll { $0.name == name }
        if let json { line.members.append((name, json)) }
        return line
    }

    func with(head: String) -> TestLine {
        var line = self
        line.head = head
        return line
    }

    func with(tail: String) -> TestLine {
        var line = self
        line.tail = tail
        return line
    }

    var bytes: [UInt8] {
        let object = members.map { "\"\($0.name)\":\($0.json)" }.joined(separator: ",")
        return Array("\(head){\(object)}\(tail)".utf8)
    }

    private static func quoted(_ text: String) -> String {
        "\"\(text.replacing("\\", with: #"\\"#).replacing("\"", with: #"\""#))\""
    }
}
