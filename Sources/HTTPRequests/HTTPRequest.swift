import CCurl
import Glibc

/// A request, and how long and how large its answer may be.
public struct HTTPRequest: Sendable {
    /// With the scheme `http` or `https`. It is sent as it stands: with its dots, and with nothing encoded.
    public var url: String
    /// A Unix socket to connect to, in place of the URL's host and port.
    public var socket: String?
    public var method: String
    public var headers = HTTPHeaders()
    /// Nil for none, which is something else than an empty one: that has a length.
    public var body: [UInt8]?
    /// For everything, from looking the name up to the last byte of the answer.
    public var timeoutSeconds: Int
    /// How large the answer's body may be.
    public var answerBytesMax: Int

    public init(
        url: String, socket: String? = nil, method: String = "GET", timeoutSeconds: Int, answerBytesMax: Int
    ) {
        self.url = url
        self.socket = socket
        self.method = method
        self.timeoutSeconds = timeoutSeconds
        self.answerBytesMax = answerBytesMax
    }
}

/// Names and values in the order in which they are sent or have come, a name as often as it has values.
public struct HTTPHeaders: Sendable, Sequence {
    public typealias Element = (name: String, value: String)

    private var all: [Element] = []

    public init() {}

    public mutating func add(_ name: String, _ value: String) {
        all.append((name, value))
    }

    /// All values of a name, however it is capitalised.
    public subscript(name: String) -> [String] {
        all.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// The first value of a name, however it is capitalised.
    public func first(name: String) -> String? {
        self[name].first
    }

    public func makeIterator() -> some IteratorProtocol<Element> {
        all.makeIterator()
    }
}

/// An answer, whatever its status.
public struct HTTPResponse: Sendable {
    public enum Version: Sendable {
        case http1, http2
    }

    public let status: Int
    public let version: Version
    /// What is no UTF-8 in them is replaced.
    public let headers: HTTPHeaders
    public let body: [UInt8]
}

/// Why no answer came. Nothing of the request stands in it, and nothing of an answer.
public struct HTTPFailure: Error, Equatable, CustomStringConvertible {
    /// The system's error number, where it is the system that refused: `ENOENT` and `ECONNREFUSED` say that nobody
    /// listens.
    public let systemError: CInt?
    /// Some words without a full stop, such as "the host is not known".
    public let description: String

    /// The task that waited was cancelled.
    public static let cancelled = HTTPFailure("cancelled")

    /// The answer's body is larger than the request allows.
    public static let tooLong = HTTPFailure(CURLE_WRITE_ERROR)

    static let withoutLibrary = HTTPFailure("libcurl.so.4 cannot be loaded; install libcurl4")

    static let malformedHeader = HTTPFailure("a header has a line break in it, or a zero byte")

    private init(_ description: String) {
        systemError = nil
        self.description = description
    }

    /// - Parameters:
    ///   - code: what curl ended with.
    ///   - error: what the system said last; 0 for nothing.
    ///   - isLocal: whether the connection was one to a Unix socket.
    init(_ code: CURLcode, systemError error: CInt = 0, isLocal: Bool = false) {
        let isSystem = error != 0 && [CURLE_COULDNT_CONNECT, CURLE_SEND_ERROR, CURLE_RECV_ERROR].contains(code)
        systemError = isSystem ? error : nil
        description =
            switch code {
            case _ where isSystem: String(cString: strerror(error))
            // A Unix socket has no name to be looked up; curl says the same of a path that is too long.
            case CURLE_COULDNT_RESOLVE_HOST:
                isLocal ? "the path is longer than a socket's may be" : "the host is not known"
            case CURLE_OPERATION_TIMEDOUT: "no answer came in time"
            // What is written is the answer, to memory: see `Transfer.append`.
            case CURLE_WRITE_ERROR: "the answer is too long"
            // The callback is the one that keeps a request from being sent twice: see `Transfer.mayBeSent`.
            case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_ABORTED_BY_CALLBACK:
                "the connection ended before all of the answer was there"
            case CURLE_PEER_FAILED_VERIFICATION: "the certificate is another host's, or nobody known has signed it"
            case CURLE_SSL_CACERT_BADFILE: "the file of authorities cannot be read, or holds no certificate in PEM"
            default: String(cString: curl_easy_strerror(code))
            }
    }
}
