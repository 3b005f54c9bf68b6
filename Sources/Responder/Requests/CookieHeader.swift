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
                    let value = afterSpaces(rest).prefix { $0 != UInt8(ascii: ";") }
                    rest = afterSpaces(rest[value.endIndex...].dropFirst())
                    return value
                }
            }
            let passed = rest.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: ",") }
            rest = afterSpaces(rest[passed.endIndex...].dropFirst())
        }
        return nil
    }

    private static func begins(_ bytes: Bytes, with name: StaticString) -> Bool {
        bytes.prefix(name.utf8CodeUnitCount).equalsIgnoringCase(name)
    }

    private static func afterSpaces(_ bytes: Bytes) -> Bytes {
        bytes.drop { $0 == UInt8(ascii: " ") }
    }
}
