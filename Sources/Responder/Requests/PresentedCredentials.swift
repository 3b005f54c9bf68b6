import ConfigurationFile
import Credentials
import Records

extension PresentedCredentials {
    /// Finds a request's credentials in the six places where they may stand, every occurrence of each.
    ///
    /// nginx before 1.23 hands a repeated header down as several parameters, later versions join it with commas, which
    /// no token holds. The session cookie is the one that nginx asks about, its `$cookie_blaize_session`: the first.
    init(_ parameters: borrowing RequestParameters) {
        let cookies = CookieHeader(parameters.cookies)
        var tokens: [Token] = []
        func add(_ scheme: CredentialScheme, _ value: Bytes) {
            if !value.isEmpty { tokens.append(Token(scheme: scheme, bytes: Array(value))) }
        }
        var hasOtherAuthorization = false
        for value in Self.split(parameters.authorizations) {
            guard let token = Self.bearerToken(value), !token.isEmpty else {
                hasOtherAuthorization = true
                continue
            }
            add(.bearer, token)
        }
        for value in Self.split(parameters.zephrTokens) { add(.zephrHeader, value) }
        for value in Self.split(parameters.blaizeTokens) { add(.blaizeHeader, value) }
        for value in cookies.all("blaize_jwt") { add(.cookie, value) }
        for query in parameters.queryStrings {
            for value in QueryString(query).all("jwt") where !value.isEmpty {
                tokens.append(Token(scheme: .query, bytes: value))
            }
        }
        self.init(
            sessionCookiePresent: cookies.first("blaize_session")?.isEmpty == false,
            sessionAnswer: parameters.sessionAnswer?.text ?? "", hasOtherAuthorization: hasOtherAuthorization,
            tokens: tokens)
    }

    private static func split(_ values: RequestParameters.Values) -> [Bytes] {
        var parts: [Bytes] = []
        for value in values {
            var rest = value
            while !rest.isEmpty {
                let part = rest.before(UInt8(ascii: ","))
                if !part.isEmpty { parts.append(part.trimmingSpaces) }
                rest = rest[part.endIndex...].dropFirst()
            }
        }
        return parts
    }

    /// The token of `Bearer <token>`; nil for every other scheme, which counts as not presented.
    private static func bearerToken(_ value: Bytes) -> Bytes? {
        let scheme = value.prefix { $0 != UInt8(ascii: " ") }
        guard scheme.equalsIgnoringCase("bearer") else { return nil }
        return value[scheme.endIndex...].trimmingSpaces
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
        for header in headers {
            var rest = header
            while let value = Self.nextValue(of: name, in: &rest) { values.append(value) }
        }
        return values
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

    /// Every value of the parameter `name`, percent-decoded, in order. A value with a malformed escape is left as it is.
    func all(_ name: StaticString) -> [[UInt8]] {
        guard !bytes.isEmpty else { return [] }
        return bytes.split(separator: UInt8(ascii: "&")).compactMap { pair in
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            guard Self.matches(pair[..<equals], name) else { return nil }
            return Self.percentDecoded(pair[(equals + 1)...])
        }
    }

    private static func matches(_ bytes: Bytes, _ name: StaticString) -> Bool {
        let expected = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return percentDecoded(bytes).elementsEqual(expected)
    }

    private static func percentDecoded(_ bytes: Bytes) -> [UInt8] {
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
