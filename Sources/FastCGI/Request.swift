import Glibc

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

/// A request's FastCGI parameters, in the order they came in, repeated names included.
///
/// They lie where libfcgi has put them, and the views that are given of them end with the call of the handler that gets the
/// request.
public struct Parameters {
    /// Strings that read `NAME=value`, a nil after the last.
    private let environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    /// Whose memory that is; nil where it is libfcgi's.
    private let owner: AnyObject?

    /// Reads libfcgi's `envp`.
    init(environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) {
        self.environment = environment
        owner = nil
    }

    /// For tests and tools. Its views last as long as it does.
    public init(_ pairs: [(name: String, value: String)]) {
        let strings = OwnedStrings(pairs.map { "\($0.name)=\($0.value)" })
        environment = strings.pointers.baseAddress
        owner = strings
    }

    /// Calls `body` with the bytes of each name and its value, in order.
    public func forEach(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void) {
        guard var next = environment else { return }
        while let pair = next.pointee {
            next += 1
            let count = strlen(pair)
            guard let equals = memchr(pair, Int32(UInt8(ascii: "=")), count) else { continue }
            let nameCount = UnsafeRawPointer(equals) - UnsafeRawPointer(pair)
            body(
                UnsafeRawBufferPointer(start: pair, count: nameCount),
                UnsafeRawBufferPointer(start: equals + 1, count: count - nameCount - 1))
        }
        withExtendedLifetime(owner) {}
    }

    /// The value that `name` was given last, so that a `fastcgi_param` line overrides one in a file included before it.
    public func last(_ name: StaticString) -> UnsafeRawBufferPointer? {
        guard var next = environment else { return nil }
        var last: UnsafePointer<CChar>?
        while let pair = next.pointee {
            next += 1
            if let value = Self.value(of: name, in: pair) { last = value }
        }
        return last.map { UnsafeRawBufferPointer(start: $0, count: strlen($0)) }
    }

    private static func value(of name: StaticString, in pair: UnsafePointer<CChar>) -> UnsafePointer<CChar>? {
        let count = name.utf8CodeUnitCount
        let isNamed = name.utf8Start.withMemoryRebound(to: CChar.self, capacity: count) { name in
            strncmp(pair, name, count) == 0
        }
        return isNamed && pair[count] == CChar(UInt8(ascii: "=")) ? pair + count + 1 : nil
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these bytes are those of `text`.
    @inlinable
    public func reads(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount, let baseAddress else { return text.utf8CodeUnitCount == count }
        return memcmp(baseAddress, text.utf8Start, count) == 0
    }
}

/// C strings of one's own.
private final class OwnedStrings {
    let pointers: UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>

    init(_ strings: [String]) {
        pointers = .allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() { pointers.initializeElement(at: index, to: strdup(string)) }
        pointers.initializeElement(at: strings.count, to: nil)
    }

    deinit {
        for string in pointers { free(string) }
        pointers.deallocate()
    }
}
