import ConfigurationFile
import Credentials
import Foundation
import Records

@testable import JSON
@testable import Responder

/// What holds of every body of a request.
struct SubmissionProperties {
    /// Stands in bodies where a visitor's words may stand, and so never in a refusal.
    static let marker = "S3cr3tW0rds"

    private let remembered = RememberedSubmissions()
    private let site: Site

    init() throws {
        site = try Site(SiteConfiguration(origins: .any))
    }

    func check(_ bytes: [UInt8]) throws {
        for door in [Door.conversions, .exposures] {
            let submission: Submission
            do throws(Refusal) {
                submission = try self.submission(bytes, door)
            } catch {
                try check(error)
                continue
            }
            try check(submission, bytes, door)
        }
    }

    private func submission(_ bytes: [UInt8], _ door: Door) throws(Refusal) -> Submission {
        try bytes.withUnsafeBytes { bytes in
            Result { () throws(Refusal) in try Submission(json: bytes, site: "default", door: door) }
        }.get()
    }

    private func check(_ submission: Submission, _ bytes: [UInt8], _ door: Door) throws {
        let events = submission.events
        try hold((1...Limits.exposuresPerRequestMax).contains(events.count), "there are some events, and not too many")
        try hold(events.count == 1 || submission.isArray, "several events come in an array")
        for event in events {
            try hold((event.conversionName != nil) == (door == .conversions), "the door says what an event is")
            try checkTravels(event)
        }
        if !JSONProperties.isComparable(bytes) {
            // Then Foundation's reading says nothing.
        } else if let theirs = Self.foundation(bytes) {
            try hold(theirs.count == events.count, "there are as many events as Foundation reads objects")
            for (event, object) in zip(events, theirs) { try Self.compare(event, object) }
        } else {
            throw PropertyFailure(description: "does not hold: Foundation reads objects, too")
        }
        for _ in 0..<2 {
            let entry = SiteDirectory.Entry(name: "default", site: site)
            let again = try bytes.withUnsafeBytes { try remembered.submission(json: $0, at: entry, door: door) }
            try hold(again.events == events, "what is remembered of a body is what it says")
        }
    }

    /// What is accepted the aggregator reads, with every text as it is.
    private func checkTravels(_ event: Event) throws {
        let names = RecordNames(site: "default", event: event)
        let record = Record(id: RecordID(1), timeMilliseconds: 2, subject: Subject(3), names: names)
        var encoded: [UInt8] = []
        record.encode(into: &encoded)
        try hold(encoded.count <= Limits.recordBytesMax, "a record is within its limit")
        let read = try encoded.withUnsafeBytes { try Record.decodeAll($0) }
        try hold(read.count == 1, "one record reads as one")
        try hold(
            read.first.map { Self.texts($0.event) } == Self.texts(event), "a record reads as it was, byte by byte")
    }

    private func check(_ refusal: Refusal) throws {
        try hold(refusal.status == 400, "a body is refused with 400")
        try hold(!refusal.message.contains(Self.marker), "a refusal does not quote the body")
        try hold(refusal.message.utf8.count < 200, "a refusal is short")
        try hold(!refusal.message.unicodeScalars.contains { $0.isControl }, "a refusal is one line")
        let isSaid =
            refusal.message.hasPrefix("The body is not one JSON ") || refusal.message.hasPrefix("The body's ")
        try hold(isSaid, "a refusal says that it is about the body")
    }

    private static func texts(_ event: Event) -> [[UInt8]] {
        [event.ruleID, event.outcomeID, event.conversionName ?? ""].map { Array($0.utf8) }
    }

    private static func foundation(_ bytes: [UInt8]) -> [[String: Any]]? {
        switch JSONProperties.foundation(bytes) {
        case let object as [String: Any]: [object]
        case let array as [Any]: array.compactMap { $0 as? [String: Any] }
        default: nil
        }
    }

    private static func compare(_ event: Event, _ object: [String: Any]) throws {
        let theirs = ["ruleId", "outcomeId"].map { Array((object[$0] as? String ?? "").utf8) }
        try hold(Array(texts(event).prefix(2)) == theirs, "rule and outcome are Foundation's")
        guard let name = event.conversionName else { return }
        try hold((object["conversion"] as? String).map { Array($0.utf8) } == Array(name.utf8), "so is the conversion")
    }
}
