import Records
import Storage

@testable import Responder

/// The requests of a schedule, each with a record that is told from all others where it is counted; and what was answered.
struct Requests {
    static let site = "site"
    static let rule = "rule"
    private static let namesPerOutcome = 4
    private static let subjects = 7
    /// Odd, so that it spreads numbers over all of their 128 bits and none comes twice.
    private static let spread: UInt128 = 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835

    /// One for each time a request reached a responder.
    private struct Attempt {
        let request: Int
        var fate: ForwardingFate?
        /// The responder died first.
        var isLost = false
    }

    private(set) var count = 0
    private var attempts: [Attempt] = []
    /// The numbers of the requests that were answered by 201.
    private(set) var created: Set<Int> = []

    /// The attempts that wait for an answer, by their numbers.
    var waiting: [Int] { attempts.indices.filter { attempts[$0].fate == nil && !attempts[$0].isLost } }

    mutating func add() -> Int {
        count += 1
        return count - 1
    }

    /// nginx hands a request to a responder.
    mutating func attempt(_ request: Int) -> Int {
        attempts.append(Attempt(request: request))
        return attempts.count - 1
    }

    func request(of attempt: Int) -> Int { attempts[attempt].request }
    func fate(of attempt: Int) -> ForwardingFate? { attempts[attempt].fate }

    /// - Parameter acknowledged: the records that the aggregator has answered for, each durable at that moment.
    mutating func answer(_ attempt: Int, _ fate: ForwardingFate, acknowledged: Set<RecordID>) throws(Violation) {
        let request = attempts[attempt].request
        guard attempts[attempt].fate == nil else { throw Violation("request \(request) is answered twice") }
        guard !attempts[attempt].isLost else { throw Violation("a dead responder answers request \(request)") }
        attempts[attempt].fate = fate
        guard fate == .durable else { return }
        guard acknowledged.contains(Self.id(of: request)) else {
            throw Violation("request \(request) is answered by 201, and its record was never durable")
        }
        created.insert(request)
    }

    /// The responder that had it is dead.
    mutating func lose(_ attempt: Int) {
        if attempts[attempt].fate == nil { attempts[attempt].isLost = true }
    }

    // MARK: Records

    static func id(of request: Int) -> RecordID {
        RecordID(UInt128(request + 1) &* spread)
    }

    static func subject(of request: Int) -> Subject {
        Subject(UInt128(request % subjects + 1) &* spread)
    }

    static func record(of request: Int, atMilliseconds time: Int64) -> Record {
        let (outcome, name) = (request / namesPerOutcome, request % namesPerOutcome)
        let event: Event =
            name == 0
            ? .exposure(Exposure(ruleID: rule, outcomeID: "\(outcome)"))
            : .conversion(Conversion(ruleID: rule, outcomeID: "\(outcome)", name: "\(name)"))
        return Record(
            id: id(of: request), timeMilliseconds: time, subject: subject(of: request), site: site, event: event)
    }

    /// How often each request's record is counted.
    static func counts(in store: some OutcomeStore) async throws -> [Int: Int] {
        let report = try await store.report(site: site, rule: DimensionName(rule), in: [.all])
        var counts: [Int: Int] = [:]
        for outcome in report?.counts.first ?? [] {
            guard let number = Int(outcome.outcome.description) else { throw Violation("\(outcome) was never sent") }
            let first = number * namesPerOutcome
            if outcome.exposures > 0 { counts[first] = outcome.exposures }
            for conversion in outcome.conversions where conversion.events > 0 {
                guard let name = Int(conversion.conversion.description) else {
                    throw Violation("\(conversion) was never sent")
                }
                counts[first + name] = conversion.events
            }
        }
        return counts
    }
}
