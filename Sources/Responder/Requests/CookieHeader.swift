/// Reads cookies from the `Cookie` headers of a request the way nginx's `$cookie_…` variables do, so that nginx and the
/// responder never disagree on which cookie a request carries.
///
/// nginx takes names without regard to case, takes a comma for a separator in what it passes over but not in a value,
/// takes no quotes off, and of several cookies of one name sees the first.
struct CookieHeader {
    private let headers: [ArraySlice<UInt8>]

    /// `headers` are all values of the `Cookie` header, in order.
    init(_ headers: [ArraySlice<UInt8>]) {
        self.headers = headers
    }

    /// The value of the first cookie of that name; nil when there is none. `name` is in lower case.
    func first(_ name: StaticString) -> ArraySlice<UInt8>? {
        for header in headers {
            var rest = header
            if let value = Self.nextValue(of: name, in: &rest) { return value }
        }
        return nil
    }

    /// The values of all cookies of that name. `name` is in lower case.
    func all(_ name: StaticString) -> [ArraySlice<UInt8>] {
        headers.flatMap { header in
            var values: [ArraySlice<UInt8>] = []
            var rest = header
            while let value = Self.nextValue(of: name, in: &rest) { values.append(value) }
            return values
        }
    }

    /// Finds the next cookie of that name in `rest` and leaves what follows it there.
    private static func nextValue(of name: StaticString, in rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        while !rest.isEmpty {
            if let start = valueStart(of: name, in: rest) {
                let value = rest[start...].prefix { $0 != UInt8(ascii: ";") }
                rest = afterSpaces(rest[value.endIndex...].dropFirst())
                return value
            }
            let passed = rest.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: ",") }
            rest = afterSpaces(rest[passed.endIndex...].dropFirst())
        }
        return nil
    }

    /// Where the value begins if `bytes` begin with a cookie of that name.
    private static func valueStart(of name: StaticString, in bytes: ArraySlice<UInt8>) -> Int? {
        let count = name.utf8CodeUnitCount
        guard bytes.count > count else { return nil }
        for index in 0..<count where lowercased(bytes[bytes.startIndex + index]) != name.utf8Start[index] {
            return nil
        }
        let equals = afterSpaces(bytes.dropFirst(count))
        guard equals.first == UInt8(ascii: "=") else { return nil }
        return afterSpaces(equals.dropFirst()).startIndex
    }

    private static func afterSpaces(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        bytes.drop { $0 == UInt8(ascii: " ") }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
