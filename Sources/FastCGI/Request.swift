/// A FastCGI request, read whole. Its bytes are views that end with the call of the handler that gets it.
public struct Request {
    public enum Body {
        case bytes(UnsafeRawBufferPointer)
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
    init(parameters: Parameters, bodyBytes: UnsafeRawBufferPointer) {
        let announced = parameters.last("CONTENT_LENGTH") ?? UnsafeRawBufferPointer(start: nil, count: 0)
        let isAsAnnounced = announced.isEmpty || Self.number(announced) == bodyBytes.count
        self.init(
            parameters: parameters,
            body: isAsAnnounced
                ? .bytes(bodyBytes)
                : .otherLength(bytes: bodyBytes.count, announced: String(decoding: announced, as: UTF8.self)))
    }

    /// nil where it is none, or far more than any body has.
    private static func number(_ digits: UnsafeRawBufferPointer) -> Int? {
        guard digits.count < 16, digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}
