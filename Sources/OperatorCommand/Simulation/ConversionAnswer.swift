/// What an answer of the endpoint means for whoever sent a conversion.
enum ConversionAnswer: Equatable {
    /// The conversion is durable.
    case recorded
    /// It may or may not be counted: it is to be sent again, which is always safe.
    case again(reason: String)
    /// It will never be counted as it is.
    case refused(reason: String)

    private static let reasonCharactersMax = 200

    /// `body` is what says why, in one line.
    init(status: Int, body: String) {
        let line = body.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let reason = "\(status) \(line.prefix(Self.reasonCharactersMax))".escapedForTerminal
        self =
            switch status {
            case 201: .recorded
            case 429, 502, 503, 504: .again(reason: reason)
            default: .refused(reason: reason)
            }
    }
}
