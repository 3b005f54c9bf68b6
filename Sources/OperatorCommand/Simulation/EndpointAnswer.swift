/// What an answer of the endpoint means for whoever sent an exposure or a conversion.
enum EndpointAnswer: Equatable {
    /// No other answer will come of it: with 201 it is durable, with any other it is never counted.
    case final(status: Int, reason: String)
    /// It may or may not be counted: it is to be sent again, which is always safe.
    case again(reason: String)

    private static let reasonCharactersMax = 200

    /// `body` is what says why, in one line.
    init(status: Int, body: String) {
        let line = body.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let reason = "\(status) \(line.prefix(Self.reasonCharactersMax))".escapedForTerminal
        self = [429, 502, 503, 504].contains(status) ? .again(reason: reason) : .final(status: status, reason: reason)
    }
}
