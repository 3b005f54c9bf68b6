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
