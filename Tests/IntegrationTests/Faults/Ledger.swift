import Foundation
import HTTPRequests
import Synchronization
import TestSupport
import Testing

/// What a run has sent and what it was answered, request by request, so that every count can be held against it.
///
/// A request names what no other does, a conversion or outcomes of its own, and comes from a visitor of its own. So every
/// count tells of each request by itself. What is sent is known from the run's seed and the request's number.
final class Ledger: Sendable {
    enum Kind: CaseIterable {
        case conversion
        case exposure
        /// Three in one request.
        case exposures
        case withoutCredential
        case withoutVisitor
        case malformed
        case ofForeignPage
        case ofUnknownType
        case byBot
        case dryRun

        /// What is answered where nothing is at fault but the request; 201 where nothing is.
        var status: Int {
            switch self {
            case .conversion, .exposure, .exposures: 201
            case .withoutCredential: 401
            case .withoutVisitor, .malformed: 400
            case .ofForeignPage: 403
            case .ofUnknownType: 415
            case .byBot: 204
            case .dryRun: 200
            }
        }
    }

    /// What a ledger's deployment says under `aggregator:`.
    static let limits = "outcomesPerRuleMax: 100000\nconversionsPerOutcomeMax: 100000"
    private static let requestsPerRule = 1000

    private let seed: UInt64
    private let noted = Mutex<[Int: Int]>([:])

    init(seed: UInt64) {
        self.seed = seed
    }

    /// The status of each request that has ended, by its number; 0 where the connection broke.
    var statuses: [Int: Int] { noted.withLock { $0 } }

    /// Requests through nginx, as fast as they are answered.
    func load(port: Int, through client: HTTPClient = TestHTTP.client) -> Load {
        Load { [self] _, number in
            let message = request(number).message(to: "http://127.0.0.1:\(port)")
            let status = (try? await client.send(message).status) ?? 0
            note(number, status)
            return status
        }
    }

    func note(_ number: Int, _ status: Int) {
        noted.withLock { $0[number] = status }
    }

    // MARK: What is sent

    func kind(of number: Int) -> Kind {
        var random = SeededGenerator(seed: seed &+ UInt64(number))
        switch Int.random(in: 0..<100, using: &random) {
        case ..<55: return .conversion
        case ..<70: return .exposure
        case ..<80: return .exposures
        default: return Kind.allCases.filter { $0.status != 201 }.randomElement(using: &random) ?? .malformed
        }
    }

    func rule(of number: Int) -> String { "ledger-\(number / Self.requestsPerRule)" }

    /// What the request would have counted, were it durable.
    func events(of number: Int) -> [LedgerEvent] {
        let rule = rule(of: number)
        return switch kind(of: number) {
        case .exposure: [LedgerEvent(rule: rule, outcome: "graph/\(number)#1")]
        case .exposures: (1...3).map { LedgerEvent(rule: rule, outcome: "graph/\(number)#\($0)") }
        default: [LedgerEvent(rule: rule, outcome: "graph/conversions#1", conversion: "C\(number)")]
        }
    }

    func request(_ number: Int) -> ConversionRequest {
        let events = events(of: number)
        var request = events[0].request(from: "visitor-\(number)")
        if events.count > 1 { request.body = "[\(events.map(\.body).joined(separator: ", "))]" }
        switch kind(of: number) {
        case .conversion, .exposure, .exposures: break
        case .withoutCredential: request.cookie = "blaize_tracking_id=visitor-\(number)"
        case .withoutVisitor: request.cookie = "blaize_session=s"
        case .malformed: request.body += "}"
        case .ofForeignPage: request.headers.append(("Origin", "https://elsewhere.example"))
        case .ofUnknownType: request.contentType = "application/xml"
        case .byBot: request.headers.append(("User-Agent", "Googlebot/2.1"))
        case .dryRun: request.headers.append(("X-Rule-Outcomes-Dry-Run", "1"))
        }
        return request
    }
}

/// What one record says, but for who and when.
struct LedgerEvent: Hashable {
    let rule: String
    let outcome: String
    /// nil for an exposure.
    var conversion: String?

    var body: String {
        guard let conversion else { return #"{"ruleId": "\#(rule)", "outcomeId": "\#(outcome)"}"# }
        return ConversionRequest.body(rule: rule, outcome: outcome, conversion: conversion)
    }

    /// With all that the endpoint asks for.
    func request(from visitor: String) -> ConversionRequest {
        var request = ConversionRequest(cookie: "blaize_tracking_id=\(visitor); blaize_session=s", body: body)
        if conversion == nil { request.path = request.path.replacing("conversions", with: "exposures") }
        return request
    }
}
