/// Why a socket cannot be had, in one line that names it and says what to do.
public struct SocketFailure: Error, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
