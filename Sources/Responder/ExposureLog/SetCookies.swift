import Records

/// What a response's `Set-Cookie` headers do to the cookie `blaize_tracking_id`, read as a browser reads them (RFC 6265,
/// sections 5.2 to 5.4).
///
/// nginx logs all of them as one text, with commas between, from 1.23 on, and the first alone before.
struct SetCookies {
    /// Where the response comes from, which decides what it may set, and what of that the endpoint gets back.
    struct Page {
        /// The names under which browsers may know the host.
        let hosts: [String]
        /// Of the address in the browser, without its query.
        let path: String
    }

    enum Effect {
        /// None of them is about this cookie.
        case untouched
        /// From now on the browser has no such cookie for the endpoint.
        case deleted
        /// The browser sends this one to the endpoint from now on.
        case kept(TrackingID)
        /// A cookie is set which the endpoint never gets, or gets and has to refuse.
        case useless
    }

    /// How many of this cookie are looked at, so that a hostile line costs little.
    private static let cookiesMax = 32

    private let cookies: [SetCookie]

    init(_ logged: String) {
        cookies = Self.split(Array(logged.utf8)[...]).lazy.compactMap(SetCookie.init)
            .filter { $0.name.equalsIgnoringCase("blaize_tracking_id") }
    }

    /// - Parameter now: milliseconds since 1970, UTC.
    func effect(on page: Page, nowMilliseconds now: Int64) -> Effect {
        var jar: [(place: Place, value: ArraySlice<UInt8>)] = []
        var effect = Effect.untouched
        for cookie in cookies.prefix(Self.cookiesMax) {
            guard let place = Place(cookie, page), place.reachesEndpoint else {
                effect = .useless
                continue
            }
            let index = jar.firstIndex { $0.place == place }
            if cookie.isDeletion(now) {
                if let index { jar.remove(at: index) }
                if case .untouched = effect { effect = .deleted }
            } else if let index {
                // It keeps its turn among the others.
                jar[index].value = cookie.value
            } else {
                jar.append((place, cookie.value))
            }
        }
        // Of several the browser sends that of the longest path first, else the earliest; and the first is the one that counts.
        guard let first = jar.enumerated().max(by: { Self.isLater($0, $1) })?.element else { return effect }
        guard let id = try? TrackingID(cookieValue: first.value) else { return .useless }
        return .kept(id)
    }

    private typealias Numbered = (offset: Int, element: (place: Place, value: ArraySlice<UInt8>))

    private static func isLater(_ left: Numbered, _ right: Numbered) -> Bool {
        let (a, b) = (left.element.place.path.count, right.element.place.path.count)
        return a != b ? a < b : left.offset > right.offset
    }

    /// A comma stands between two cookies where a name and an equals sign follow, and otherwise belongs to a date.
    private static func split(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var (start, index) = (text.startIndex, text.startIndex)
        while let comma = text[index...].firstIndex(of: UInt8(ascii: ",")) {
            index = comma + 1
            let rest = text[index...].drop { $0 == UInt8(ascii: " ") }
            let name = rest.prefix { !" ,;=\t".utf8.contains($0) }
            let behind = rest.dropFirst(name.count).drop { $0 == UInt8(ascii: " ") }
            guard !name.isEmpty, behind.first == UInt8(ascii: "=") else { continue }
            parts.append(text[start..<comma])
            start = rest.startIndex
        }
        return parts + [text[start...]]
    }
}

/// For which host and path a browser keeps a cookie.
private struct Place: Equatable {
    /// nil: for the page's own host alone.
    let domain: String?
    let path: ArraySlice<UInt8>

    /// nil where the browser does not take the cookie: a page sets none for a host that it is not within.
    init?(_ cookie: SetCookie, _ page: SetCookies.Page) {
        domain = cookie.domain
        if let domain {
            guard page.hosts.contains(where: { Self.isHost($0, within: domain) }) else { return nil }
        }
        path = cookie.path ?? Self.defaultPath(Array(page.path.utf8)[...])
    }

    /// A domain of one label is nobody's own, unless it is the host itself. Which others are nobody's own, only a list tells
    /// that browsers have.
    private static func isHost(_ host: String, within domain: String) -> Bool {
        if host == domain { return true }
        let isAddress =
            host.hasPrefix("[") || host.utf8.reversed().prefix { $0 != UInt8(ascii: ".") }.allSatisfy(\.isDigit)
        return !isAddress && domain.utf8.contains(UInt8(ascii: ".")) && host.hasSuffix(".\(domain)")
    }

    private static func defaultPath(_ path: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex else {
            return [UInt8(ascii: "/")]
        }
        return path[..<slash]
    }

    var reachesEndpoint: Bool {
        let endpoint = Door.conversionsPath.utf8
        guard endpoint.starts(with: path) else { return false }
        return path.last == UInt8(ascii: "/") || path.count == endpoint.count
            || endpoint.dropFirst(path.count).first == UInt8(ascii: "/")
    }
}

/// One `Set-Cookie` header.
private struct SetCookie {
    let name: ArraySlice<UInt8>
    let value: ArraySlice<UInt8>
    /// Without a dot in front; nil where none is given.
    private(set) var domain: String?
    /// nil where none is given.
    private(set) var path: ArraySlice<UInt8>?
    /// Whether `Max-Age` says that it is over; nil where none is given.
    private var isOver: Bool?
    private var expires: Int64?

    /// nil where there is no name.
    init?(_ text: ArraySlice<UInt8>) {
        let parts = text.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        guard let pair = parts.first, let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        name = pair[..<equals].trimmingSpaces
        value = pair[(equals + 1)...].trimmingSpaces
        guard !name.isEmpty else { return nil }
        // Of an attribute that is given twice the last counts.
        for part in parts.dropFirst() {
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            take(part[..<equals].trimmingSpaces, part[equals...].dropFirst().trimmingSpaces)
        }
    }

    private mutating func take(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) {
        if name.equalsIgnoringCase("domain") {
            let bare = value.first == UInt8(ascii: ".") ? value.dropFirst() : value
            domain = bare.isEmpty ? nil : String(decoding: bare, as: UTF8.self).lowercased()
        } else if name.equalsIgnoringCase("path") {
            path = value.first == UInt8(ascii: "/") ? value : nil
        } else if name.equalsIgnoringCase("max-age") {
            let digits = value.first == UInt8(ascii: "-") ? value.dropFirst() : value
            guard !digits.isEmpty, digits.allSatisfy(\.isDigit) else { return }
            isOver = digits.count < value.count || digits.allSatisfy { $0 == UInt8(ascii: "0") }
        } else if name.equalsIgnoringCase("expires") {
            expires = CookieDate.milliseconds(value) ?? expires
        }
    }

    /// Whether the browser has no id after it. Those who write `deleted` for a value mean that, too.
    func isDeletion(_ now: Int64) -> Bool {
        let bare = value.filter { $0 != UInt8(ascii: "\"") }[...]
        return bare.isEmpty || bare.equalsIgnoringCase("deleted") || isOver ?? expires.map { $0 <= now } ?? false
    }
}

/// A cookie's `Expires`, read as browsers read it: RFC 6265, section 5.1.1.
enum CookieDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// Milliseconds since 1970, UTC; nil where no date can be made out.
    static func milliseconds(_ text: ArraySlice<UInt8>) -> Int64? {
        var time: (hour: Int64, minute: Int64, second: Int64)?
        var day: Int64?
        var month: Int64?
        var year: Int64?
        for token in text.split(whereSeparator: isDelimiter) {
            if time == nil, let found = self.time(token) {
                time = found
            } else if day == nil, let found = number(token, digits: 1...2) {
                day = found
            } else if month == nil, let found = self.month(token) {
                month = found
            } else if year == nil, let found = number(token, digits: 2...4) {
                year = found
            }
        }
        guard let time, let day, let month, var year else { return nil }
        if (0...69).contains(year) { year += 2000 } else if (70...99).contains(year) { year += 1900 }
        guard (1...31).contains(day), year >= 1601, time.hour <= 23, time.minute <= 59, time.second <= 59 else {
            return nil
        }
        let seconds =
            days(year: year, month: month, day: day) * 86_400 + time.hour * 3600 + time.minute * 60 + time.second
        return seconds * 1000
    }

    private static func isDelimiter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x09, 0x20...0x2F, 0x3B...0x40, 0x5B...0x60, 0x7B...0x7E: true
        default: false
        }
    }

    /// `07:28:00`, with whatever comes behind.
    private static func time(_ token: ArraySlice<UInt8>) -> (Int64, Int64, Int64)? {
        let parts = token.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].allSatisfy(\.isDigit), parts[1].allSatisfy(\.isDigit),
            let hour = number(parts[0], digits: 1...2), let minute = number(parts[1], digits: 1...2),
            let second = number(parts[2], digits: 1...2)
        else { return nil }
        return (hour, minute, second)
    }

    /// The digits that a token begins with, where there are so many of them.
    private static func number(_ token: ArraySlice<UInt8>, digits: ClosedRange<Int>) -> Int64? {
        let text = token.prefix(while: \.isDigit)
        guard digits.contains(text.count) else { return nil }
        return text.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    private static func month(_ token: ArraySlice<UInt8>) -> Int64? {
        let name = String(decoding: token.prefix(3), as: UTF8.self).lowercased()
        return months.firstIndex(of: name).map { Int64($0) + 1 }
    }

    /// Since 1970, in the Gregorian calendar. A year begins in March here, so that the leap day is its last.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
