/// A FastCGI request, read whole.
public struct Request: Sendable {
    public enum Body: Sendable {
        case bytes([UInt8])
        /// Longer than ``ServerLimits/bodyBytesMax``, and dropped.
        case tooLarge
        /// Of another length than `CONTENT_LENGTH` says.
        case otherLength(bytes: Int, announced: String)
    }

    public let parameters: Parameters
    public let body: Body

    public init(parameters: Parameters, body: Body) {
        self.parameters = parameters
        self.body = body
    }

    /// Holds the body against `CONTENT_LENGTH`, which is empty or absent where the web server does not know it.
    init(parameters: Parameters, bodyBytes: [UInt8]) {
        let announced = parameters.text("CONTENT_LENGTH") ?? ""
        let isAsAnnounced = announced.isEmpty || Int(announced) == bodyBytes.count
        self.init(
            parameters: parameters,
            body: isAsAnnounced ? .bytes(bodyBytes) : .otherLength(bytes: bodyBytes.count, announced: announced))
    }
}
