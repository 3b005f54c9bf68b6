import ConfigurationFile
import Credentials
import Foundation
import Logging
import Records

@testable import Responder

/// What holds of every datagram on the socket that nginx logs to.
struct LogLineProperties {
    private static let now: Int64 = 1_700_000_000_500

    private let door: LogDoor

    init() throws {
        let sites = [
            "default": try Site(SiteConfiguration(origins: .list(["https://www.example.com"]))),
            "off": try Site(SiteConfiguration(analytics: false, origins: .any)),
        ]
        var logger = Logger(label: "fuzzing")
        logger.logLevel = .critical
        door = LogDoor(
            sites: SiteDirectory(sites), subjectKey: SubjectKey(secret: Array(0..<32)), notices: Notices(logger: logger)
        )
    }

    func check(_ bytes: [UInt8]) throws {
        let judgement = judge(bytes)
        let again = judge(bytes)
        try hold(judgement.records == again.records, "a line that comes again says the same")
        try hold(judgement.records.count <= Limits.outcomesPerLineMax, "a line has no more records than it may")
        try hold(
            Set(judgement.records.map(\.id)).count == judgement.records.count, "each record of a line has its own id")
        try hold(
            judgement.records.isEmpty || judgement.answer == nil, "a line is about a page, or about an answer")
        try hold(
            !(judgement.isRead && judgement.records.isEmpty && judgement.losses.isEmpty && judgement.answer == nil),
            "of a line that is read something is told")
        for loss in judgement.losses { try check(loss) }
        for record in judgement.records { try check(record) }
        if let line = try? bytes.withUnsafeBytes({ try LogLine(datagram: $0) }) {
            try hold(judgement.isRead, "a line that can be read is")
            try compare(line, bytes)
        } else {
            try hold(
                !judgement.isRead && judgement.losses.count == 1, "a line that cannot be read is lost, and told once")
        }
    }

    private func judge(_ bytes: [UInt8]) -> LogDoor.Judgement {
        bytes.withUnsafeBytes { door.judge($0, nowMilliseconds: Self.now) }
    }

    private func check(_ loss: LogDoor.Loss) throws {
        try hold((1...TallyEntry.reasonBytesMax).contains(loss.fault.reason.utf8.count), "a reason is short")
        try hold(!loss.fault.reason.unicodeScalars.contains { $0.isControl }, "a reason is plain")
        let explanation = loss.fault.explanation ?? ""
        try hold(!explanation.contains(SubmissionProperties.marker), "an explanation quotes nothing")
        try hold(loss.count > 0, "a loss is of something")
    }

    private func check(_ record: Record) throws {
        try hold((Self.now - 3_600_000...Self.now).contains(record.timeMilliseconds), "a record's time can be")
        try hold(record.site == "default", "a record is of a site whose analytics is on")
        var encoded: [UInt8] = []
        record.encode(into: &encoded)
        let read = try encoded.withUnsafeBytes { try Record.decodeAll($0) }
        try hold(read == [record], "the aggregator reads a record as it is")
    }

    /// What stands in a line of valid UTF-8, Foundation reads, too.
    private func compare(_ line: LogLine, _ bytes: [UInt8]) throws {
        guard String(validating: bytes, as: UTF8.self) != nil, JSONProperties.isComparable(bytes),
            let start = bytes.firstIndex(of: UInt8(ascii: "{"))
        else {
            return
        }
        guard let theirs = JSONProperties.foundation(Array(bytes[start...])) as? [String: Any] else {
            throw PropertyFailure(description: "does not hold: Foundation reads the object, too")
        }
        let ours =
            switch line {
            case .page(let page):
                [
                    "site": page.site, "exclude": page.exclude, "id": page.id, "time": page.time,
                    "nginx": page.nginxVersion, "host": page.host, "path": page.path, "trackingId": page.trackingID,
                    "setCookie": page.setCookie, "trackingIdSet": page.trackingIDSet, "outcomes": page.outcomes,
                ]
            case .answer(let answer):
                ["site": answer.site, "exclude": answer.exclude, "answered": answer.status, "uri": answer.uri]
            }
        for (name, text) in ours {
            let same = (theirs[name] as? String).map { Array($0.utf8) } == Array(text.utf8)
            try hold(same, "the member \(name) is Foundation's")
        }
    }
}
