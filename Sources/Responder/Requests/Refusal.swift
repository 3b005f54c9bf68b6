import FastCGI

/// An answer other than the one that was asked for.
struct Refusal: Error, Sendable, Equatable {
    let status: Int
    /// A short name of the reason, for the tally.
    let reason: String
    /// One line: what was wrong and, where it helps, what would have been right.
    let message: String
    var headers: [Response.Header] = []

    init(_ status: Int, _ reason: String, _ message: String, headers: [(String, String)] = []) {
        self.status = status
        self.reason = reason
        self.message = message
        self.headers = headers.map { Response.Header(name: $0.0, value: $0.1) }
    }
}
