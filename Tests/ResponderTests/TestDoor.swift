import ConfigurationFile
import Credentials
import Records
import TestSupport

@testable import Responder

/// The door for nginx's log, and what it said of each line.
struct TestDoor {
    struct Judgement {
        let records: [Record]
        let reason: String?
        let explanation: String?
        let entry: LogDoor.Entry
    }

    let door: LogDoor
    private let log = LogRecorder()

    /// Besides the site `default` there is `off`, whose analytics is off.
    init() async throws {
        let sites = [
            "default": try await Site(.test { $0.credentialsRequired = .always }),
            "off": try await Site(.test { $0.analytics = false }),
        ]
        self.init(directory: SiteDirectory(sites))
    }

    init(directory: SiteDirectory) {
        door = LogDoor(
            sites: directory, subjectKey: SubjectKey(secret: TestEndpoint.subjectSecret),
            notices: Notices(logger: log.logger))
    }

    func judge(_ line: TestLine, at now: Int64 = TestLine.timeMilliseconds) -> Judgement {
        judge(line.bytes, at: now)
    }

    func judge(_ bytes: [UInt8], at now: Int64 = TestLine.timeMilliseconds) -> Judgement {
        var entry = LogDoor.Entry()
        do throws(LogFault) {
            let records = try bytes.withUnsafeBytes { bytes in
                Result { () throws(LogFault) in try door.admit(bytes, nowMilliseconds: now, &entry) }
            }.get()
            return Judgement(records: records, reason: nil, explanation: nil, entry: entry)
        } catch {
            return Judgement(records: [], reason: error.reason, explanation: error.explanation, entry: entry)
        }
    }

    var logLines: [String] { log.lines }
}
