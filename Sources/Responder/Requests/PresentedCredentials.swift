import ConfigurationFile
import Credentials
import Records

extension PresentedCredentials {
    /// Finds a request's credentials in the six places where they may stand, every occurrence of each, as far as a site that
    /// accepts these schemes has to look at them.
    init(_ parameters: borrowing RequestParameters, accepting accepted: Set<CredentialScheme>) {
        let cookies = CookieHeader(parameters.cookies)
        let search = TokenSearch(parameters, cookies, accepting: accepted)
        self.init(
            sessionCookiePresent: cookies.first("blaize_session")?.isEmpty == false,
            sessionAnswer: parameters.sessionAnswer?.text ?? "", hasOtherAuthorization: search.hasOtherAuthorization,
            tokens: search.tokens, hasTooMany: search.hasTooMany)
    }
}

/// Finds a request's tokens, and stops at the first one too many: a few headers have room for ten thousand, each of which
/// would be copied on the thread that answers everybody.
///
/// nginx before 1.23 hands a repeated header down as several parameters, later versions join it with commas, which
/// no token holds.
struct TokenSearch {
    /// How many places for a token are looked at, those among them that are empty or hold something else.
    static let placesMax = 64

    private let accepted: Set<CredentialScheme>
    private(set) var placesCount = 0
    private var acceptedCount = 0
    /// All that are accepted, and one of each scheme that is not.
    private(set) var tokens: [PresentedCredentials.Token] = []
    private(set) var hasOtherAuthorization = false
    /// Whether something was not looked at any more.
    private(set) var hasTooMany = false

    init(
        _ parameters: borrowing RequestParameters, _ cookies: CookieHeader, accepting accepted: Set<CredentialScheme>
    ) {
        self.accepted = accepted
        Self.forEachPart(of: parameters.authorizations) { takeAuthorization($0) }
        Self.forEachPart(of: parameters.zephrTokens) { take(.zephrHeader, $0) }
        Self.forEachPart(of: parameters.blaizeTokens) { take(.blaizeHeader, $0) }
        cookies.forEach("blaize_jwt") { take(.cookie, $0) }
        for query in parameters.queryStrings {
            QueryString(query).forEach("jwt") { take(.query, $0) { QueryString.percentDecoded($0) } }
        }
    }

    /// Takes what stands in a place for a token; false where nothing more is to be looked at.
    private mutating func take(
        _ scheme: CredentialScheme, _ value: Bytes, reading bytes: (Bytes) -> [UInt8] = { Array($0) }
    ) -> Bool {
        guard goesOn() else { return false }
        guard !value.isEmpty else { return true }
        guard accepted.contains(scheme) else {
            if !tokens.contains(where: { $0.scheme == scheme }) {
                tokens.append(.init(scheme: scheme, bytes: bytes(value)))
            }
            return true
        }
        guard acceptedCount < SiteCredentials.credentialsMax else {
            hasTooMany = true
            return false
        }
        acceptedCount += 1
        tokens.append(.init(scheme: scheme, bytes: bytes(value)))
        return true
    }

    /// Takes `Bearer <token>`; every other scheme counts as not presented.
    private mutating func takeAuthorization(_ value: Bytes) -> Bool {
        let scheme = value.before(UInt8(ascii: " "))
        let token = value[scheme.endIndex...].trimmingSpaces
        if scheme.equalsIgnoringCase("bearer"), !token.isEmpty { return take(.bearer, token) }
        guard goesOn() else { return false }
        if !value.isEmpty { hasOtherAuthorization = true }
        return true
    }

    private mutating func goesOn() -> Bool {
        if placesCount == Self.placesMax { hasTooMany = true }
        if !hasTooMany { placesCount += 1 }
        return !hasTooMany
    }

    /// Calls `body` with each part between commas, without the spaces around it, until it is not to go on.
    private static func forEachPart(of values: RequestParameters.Values, _ body: (Bytes) -> Bool) {
        for value in values {
            var rest = value
            while !rest.isEmpty {
                let part = rest.before(UInt8(ascii: ","))
                guard body(part.trimmingSpaces) else { return }
                rest = rest[part.endIndex...].dropFirst()
            }
        }
    }
}

/// Reads cookies from the `Cookie` headers of a request the way the `$cookie_…` variables of nginx before 1.23 do.
///
/// Such a nginx takes names without regard to case, takes a comma for a separator in what it passes over but not in a value,
/// takes no quotes off, and of several cookies of one name sees the first.
struct CookieHeader {
    private let headers: RequestParameters.Values

    /// `headers` are all values of the `Cookie` header, in order.
    init(_ headers: RequestParameters.Values) {
        self.headers = headers
    }

    /// The value of the first cookie of that name; nil when there is none. `name` is in lower case.
    func first(_ name: StaticString) -> Bytes? {
        for header in headers {
            var rest = header
            if let value = Self.nextValue(of: name, in: &rest) { return value }
        }
        return nil
    }

    /// The values of all cookies of that name. `name` is in lower case.
    func all(_ name: StaticString) -> [Bytes] {
        var values: [Bytes] = []
        forEach(name) { value in
            values.append(value)
            return true
        }
        return values
    }

    /// Calls `body` with the value of each cookie of that name until it is not to go on. `name` is in lower case.
    func forEach(_ name: StaticString, _ body: (Bytes) -> Bool) {
        for header in headers {
            var rest = header
            while let value = Self.nextValue(of: name, in: &rest) {
                guard body(value) else { return }
            }
        }
    }

    /// Finds the next cookie of that name in `rest` and leaves what follows it there.
    private static func nextValue(of name: StaticString, in rest: inout Bytes) -> Bytes? {
        while !rest.isEmpty {
            if begins(rest, with: name) {
                rest = afterSpaces(rest.dropFirst(name.utf8CodeUnitCount))
                // nginx looks for the equals sign here, and passes over what it finds instead, a separator included.
                if rest.popFirst() == UInt8(ascii: "=") {
                    let value = afterSpaces(rest).before(UInt8(ascii: ";"))
                    rest = afterSpaces(rest[value.endIndex...].dropFirst())
                    return value
                }
            }
            let passed = rest.before(UInt8(ascii: ";")).before(UInt8(ascii: ","))
            rest = afterSpaces(rest[passed.endIndex...].dropFirst())
        }
        return nil
    }

    private static func begins(_ bytes: Bytes, with name: StaticString) -> Bool {
        bytes.count >= name.utf8CodeUnitCount && bytes[bytes.startIndex].asciiLowercased == name.utf8Start.pointee
            && bytes.prefix(name.utf8CodeUnitCount).equalsIgnoringCase(name)
    }

    private static func afterSpaces(_ bytes: Bytes) -> Bytes {
        bytes.drop { $0 == UInt8(ascii: " ") }
    }
}

extension TrackingID {
    /// Reads the visitor's cookie; a request without one cannot be recorded.
    ///
    /// nginx hands its own `$cookie_blaize_tracking_id` down as `TRACKING_COOKIE`, so that requests and its log agree on
    /// which cookie that is: from version 1.23 on it splits cookies at semicolons alone. Where it does not, it is looked
    /// for in the header.
    init(_ parameters: borrowing RequestParameters, for event: Event) throws(Refusal) {
        let value =
            parameters.trackingCookie ?? CookieHeader(parameters.cookies).first("blaize_tracking_id")
        do throws(Fault) {
            try self.init(cookieValue: value.map { Array($0)[...] } ?? [])
        } catch {
            switch error {
            case .empty: throw .trackingIDMissing(event)
            case .tooLong: throw .trackingIDTooLong
            case .noCookie: throw .trackingIDNoCookie
            }
        }
    }
}

/// Reads the parameters of a URL's query.
struct QueryString {
    private let bytes: Bytes

    init(_ bytes: Bytes) {
        self.bytes = bytes
    }

    /// Calls `body` with every value of the parameter `name`, as it stands there, in order, until it is not to go on.
    func forEach(_ name: StaticString, _ body: (Bytes) -> Bool) {
        var rest = bytes
        while !rest.isEmpty {
            let pair = rest.before(UInt8(ascii: "&"))
            rest = rest[pair.endIndex...].dropFirst()
            let key = pair.before(UInt8(ascii: "="))
            guard key.endIndex < pair.endIndex, Self.matches(key, name) else { continue }
            guard body(pair[(key.endIndex + 1)...]) else { return }
        }
    }

    private static func matches(_ bytes: Bytes, _ name: StaticString) -> Bool {
        // Each byte takes three at most.
        guard bytes.count <= 3 * name.utf8CodeUnitCount else { return false }
        let expected = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return bytes.contains(UInt8(ascii: "%"))
            ? percentDecoded(bytes).elementsEqual(expected) : bytes.elementsEqual(expected)
    }

    /// A value with a malformed escape is left as it is.
    static func percentDecoded(_ bytes: Bytes) -> [UInt8] {
        guard bytes.contains(UInt8(ascii: "%")) else { return Array(bytes) }
        var decoded: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == UInt8(ascii: "%") {
                guard index + 2 < bytes.endIndex, let high = bytes[index + 1].hexDigit,
                    let low = bytes[index + 2].hexDigit
                else { return Array(bytes) }
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(bytes[index])
                index += 1
            }
        }
        return decoded
    }
}
