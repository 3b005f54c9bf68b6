import Glibc

/// A system call that failed: its name and what the system said.
public struct SystemError: Error, Sendable, CustomStringConvertible {
    public let call: String
    public let code: CInt

    /// Takes `errno` as the last call left it.
    public init(_ call: String) {
        self.init(call, code: errno)
    }

    public init(_ call: String, code: CInt) {
        self.call = call
        self.code = code
    }

    public var description: String {
        "\(call): \(String(cString: strerror(code)))"
    }
}
