import FastCGI
import Records

@testable import Responder

/// What holds of every `Cookie` header, and of every text of `Set-Cookie` headers in nginx's log.
enum CookieProperties {
    /// Each line is a header of its own.
    static func check(_ bytes: [UInt8]) throws {
        let headers = String(decoding: bytes.filter { $0 != 0 }, as: UTF8.self).split(separator: "\n").map(String.init)
        let parameters = Parameters(headers.map { ("HTTP_COOKIE", $0) })
        defer { withExtendedLifetime(parameters) {} }
        let cookies = CookieHeader(RequestParameters(parameters).cookies)
        let found = cookies.first("blaize_tracking_id").map { Array($0) }
        let expected = headers.lazy.compactMap { Self.asNginxReads(Array($0.utf8)) }.first
        try hold(found == expected, "a cookie is what nginx takes for it")
        let all = cookies.all("blaize_tracking_id").map { Array($0) }
        try hold(all.first == found, "the first of all is the first")
        try hold(!all.joined().contains(UInt8(ascii: ";")), "no value has a semicolon")
        try hold(all.count <= bytes.count, "there are no more than there is room for")
        try checkSetCookies(headers.joined(separator: ", "))
        try checkDate(bytes)
    }

    // MARK: Cookie

    /// As `ngx_http_parse_multi_header_lines` of nginx 1.22 (src/http/ngx_http_parse.c) reads one header, step by step.
    private static func asNginxReads(_ header: [UInt8]) -> [UInt8]? {
        let name = Array("blaize_tracking_id".utf8)
        var start = 0
        let end = header.count
        func skipSpaces() { while start < end, header[start] == 0x20 { start += 1 } }
        while start < end {
            let candidate = header[start...].prefix(name.count).map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }
            if candidate == name {
                start += name.count
                skipSpaces()
                let isEquals = start < end && header[start] == UInt8(ascii: "=")
                if start < end { start += 1 }
                if isEquals {
                    skipSpaces()
                    return Array(header[start...].prefix { $0 != UInt8(ascii: ";") })
                }
            }
            while start < end {
                start += 1
                if header[start - 1] == UInt8(ascii: ";") || header[start - 1] == UInt8(ascii: ",") { break }
            }
            skipSpaces()
        }
        return nil
    }

    // MARK: Set-Cookie

    private static let now: Int64 = 1_700_000_000_000
    private static let page = SetCookies.Page(hosts: ["www.example.com"], path: "/articles/22")

    private static func checkSetCookies(_ text: String) throws {
        let effect = effect(of: text)
        if case .kept(let id) = effect {
            try hold((1...Limits.trackingIDBytesMax).contains(id.bytes.count), "an id that is kept is within its limit")
            try hold(id.bytes.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x3B }, "and a cookie may hold it")
            try hold(Array(text.utf8).firstRange(of: Array(id.bytes)) != nil, "and it stands in the headers")
        }
        let besides = Self.effect(of: text + ", other=1; Path=/")
        try hold(name(besides) == name(effect), "a cookie of another name changes nothing")
        let before = Self.effect(of: "other=1; Path=/, " + text)
        // The text may begin in the middle of a date, which then belongs to the other cookie.
        if name(before) != name(effect) { try hold(!startsWithName(text), "nor does one that comes before") }
    }

    private static func effect(of text: String) -> SetCookies.Effect {
        SetCookies(text).effect(on: page, nowMilliseconds: now)
    }

    private static func startsWithName(_ text: String) -> Bool {
        let rest = text.utf8.drop { $0 == 0x20 }
        let name = rest.prefix { !" ,;=\t".utf8.contains($0) }
        return !name.isEmpty && rest.dropFirst(name.count).drop { $0 == 0x20 }.first == UInt8(ascii: "=")
    }

    private static func name(_ effect: SetCookies.Effect) -> String {
        switch effect {
        case .untouched: "untouched"
        case .deleted: "deleted"
        case .kept(let id): "kept \(id.bytes)"
        case .useless: "useless"
        }
    }

    /// A date that is read reads the same when it is written as servers write it.
    private static func checkDate(_ text: [UInt8]) throws {
        guard let milliseconds = CookieDate.milliseconds(text[...]) else { return }
        try hold(milliseconds.isMultiple(of: 1000), "a cookie's date is in seconds")
        let words = text.split { !($0 >= 0x80 || $0 < 0x20 || $0 == 0x3A || isAlphanumeric($0)) || $0 == 0x09 }
        let times = words.map { $0.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) }
        let hours = times.filter { $0.count >= 3 && $0.prefix(3).allSatisfy { !numbers(in: $0).isEmpty } }
            .map { $0.prefix(3).map { numbers(in: $0) } }
        try hold(
            hours.contains { $0[0] < "24" && $0[1] < "60" && $0[2] < "60" }, "a date that is read has a time of day")
        let seconds = milliseconds / 1000
        let (days, time) = (seconds.flooredDays, seconds - seconds.flooredDays * 86_400)
        let date = civil(days)
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let written =
            "\(date.day) \(months[date.month - 1]) \(date.year) \(time / 3600):\(time / 60 % 60):\(time % 60)"
        guard (1601...9999).contains(date.year) else { return }
        try hold(CookieDate.milliseconds(Array(written.utf8)[...]) == milliseconds, "\(written) reads as it was")
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x7F
    }

    /// The one or two digits that it begins with, as two; empty where there are none, or more.
    private static func numbers(in text: ArraySlice<UInt8>) -> String {
        let digits = text.prefix { (0x30...0x39).contains($0) }
        guard (1...2).contains(digits.count) else { return "" }
        return (digits.count == 1 ? "0" : "") + String(decoding: digits, as: UTF8.self)
    }

    /// Year by year, which is slow, and another way than the one it is held against.
    private static func civil(_ days: Int64) -> (year: Int, month: Int, day: Int) {
        var (year, rest) = (1970, Int(days))
        func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
        while rest < 0 {
            year -= 1
            rest += isLeap(year) ? 366 : 365
        }
        while rest >= (isLeap(year) ? 366 : 365) {
            rest -= isLeap(year) ? 366 : 365
            year += 1
        }
        var month = 1
        for length in [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
            guard rest >= length else { break }
            rest -= length
            month += 1
        }
        return (year, month, rest + 1)
    }
}

extension Int64 {
    fileprivate var flooredDays: Int64 { self >= 0 ? self / 86_400 : -((86_399 - self) / 86_400) }
}
