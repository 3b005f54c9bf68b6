/// Something that reads bytes from outside, and what has to hold of it whatever the bytes are.
struct FuzzTarget: Sendable, CustomStringConvertible {
    /// As `FUZZ_TARGET` and the folders of the corpus have it.
    let name: String
    /// Longer inputs find nothing more, and slow the search.
    let bytesMax: Int
    /// Makes ready what is needed, and gives what throws where something does not hold of the bytes. That is called from one
    /// thread at a time.
    let make: @Sendable () throws -> ([UInt8]) throws -> Void

    var description: String { name }

    static let all = [
        FuzzTarget(name: "json", bytesMax: 1024) { JSONProperties.check },
        FuzzTarget(name: "submission", bytesMax: 2048) {
            let properties = try SubmissionProperties()
            return { try properties.check($0) }
        },
        FuzzTarget(name: "cookies", bytesMax: 1024) { CookieProperties.check },
        FuzzTarget(name: "token", bytesMax: 1024) {
            let properties = try TokenProperties()
            return { try properties.check($0) }
        },
        FuzzTarget(name: "jwks", bytesMax: 2048) {
            let properties = try JWKSProperties()
            return { try properties.check($0) }
        },
        FuzzTarget(name: "pem", bytesMax: 1024) { PEMProperties.check },
        FuzzTarget(name: "fastcgi", bytesMax: 1024) {
            let properties = try FastCGIProperties()
            return { try properties.check($0) }
        },
        FuzzTarget(name: "frames", bytesMax: 2048) { FrameProperties.check },
        FuzzTarget(name: "logline", bytesMax: 2048) {
            let properties = try LogLineProperties()
            return { try properties.check($0) }
        },
        FuzzTarget(name: "configuration", bytesMax: 2048) { ConfigurationProperties.check },
        FuzzTarget(name: "rules", bytesMax: 2048) { ConfigurationProperties.checkRules },
        FuzzTarget(name: "journal", bytesMax: 33) {
            let properties = try JournalProperties()
            return { try properties.check($0) }
        },
    ]
}

/// Something that has to hold, and does not.
struct PropertyFailure: Error, CustomStringConvertible {
    let description: String
}

/// Throws where the condition does not hold; `fact` says what was to hold.
func hold(_ condition: Bool, _ fact: @autoclosure () -> String) throws {
    guard condition else { throw PropertyFailure(description: "does not hold: \(fact())") }
}
