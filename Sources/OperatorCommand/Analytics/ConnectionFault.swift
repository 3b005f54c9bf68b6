import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix

/// Why no answer came, in words for whoever can do something about it.
struct ConnectionFault {
    /// The system's error number, where it is the system that refused.
    let code: Int32?
    let reason: String

    init(_ error: any Error) {
        let cause = Self.cause(of: error)
        code = (cause as? IOError)?.errnoCode
        reason =
            switch cause {
            case let error as IOError: String(cString: strerror(error.errnoCode))
            case let error as HTTPClientError: error.shortDescription
            case is NIOTooManyBytesError: "the answer is too long"
            case SocketAddressError.unixDomainSocketPathTooLong: "the path is longer than a socket's may be"
            case is SocketAddressError.UnknownHost: "the host is not known"
            default: "\(type(of: cause))"
            }
    }

    /// A name may have several addresses, each with an error of its own, or none.
    private static func cause(of error: any Error) -> any Error {
        guard let error = error as? NIOConnectionError else { return error }
        return error.connectionErrors.first?.error ?? error.dnsAError ?? error.dnsAAAAError ?? error
    }

    /// For the aggregator's analytics socket.
    func explanation(analyticsSocket socket: String) -> String {
        let name = "the analytics socket \(socket.escapedForTerminal)"
        return switch code {
        case ENOENT: "\(name) does not exist: is rule-outcomes-aggregator running?"
        case ECONNREFUSED: "nobody listens on \(name): is rule-outcomes-aggregator running?"
        case EACCES, EPERM: "\(name) may not be opened by this user: \(SocketPermission(socket).remedy)"
        default: "\(name) gives no answer (\(reason)): is rule-outcomes-aggregator running?"
        }
    }

    /// For the web server that passes conversions on.
    func explanation(url: String) -> String {
        "\(url.escapedForTerminal) cannot be reached (\(reason)): is nginx running, and listening there?"
    }
}
