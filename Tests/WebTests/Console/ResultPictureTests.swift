import Foundation
import FoundationXML
import Testing

@testable import Analytics
@testable import Web

@Suite("A result as a picture")
struct ResultPictureTests {
    private static let now = Date(timeIntervalSince1970: 1_795_000_000)

    private struct Arm {
        var name: String
        var verdict = Verdict(.noDifferenceShownYet)
        var difference: Double? = 0.004
        var guardrail: GuardrailVerdict?
    }

    private static let two = [
        Arm(name: "Paywall", verdict: Verdict(.baseline), difference: nil),
        Arm(name: "Form", verdict: Verdict(.better), difference: 0.0125),
    ]

    private static func group(_ arms: [Arm], name: String, conversion: String, isMismatched: Bool) -> GroupReport {
        let made = arms.enumerated().map { index, arm in
            let interval = arm.difference.map { Bounds(low: $0 - 0.01, high: $0 + 0.01) }
            let guardrails = arm.guardrail.map {
                GroupReport.Guardrail(
                    conversion: conversion, margin: 0.005, converted: 77, rate: 0.0616, difference: arm.difference,
                    differenceAlwaysValid: interval, verdict: $0)
            }
            return GroupReport.Arm(
                outcomeId: "outcome \(index)", outcomeName: arm.name, weight: 1, exposed: 13_579, maturing: 1234,
                crossed: 0,
                mature: 12_345, converted: 617 + index, rate: 0.0427, rateInterval: Bounds(low: 0.0399, high: 0.0587),
                difference: arm.difference, differenceOneLook: interval, differenceAlwaysValid: interval,
                lift: arm.difference.map { $0 / 0.04 }, liftAlwaysValid: interval, verdict: arm.verdict,
                guardrails: guardrails.map { [$0] } ?? [], requests: 1, refused: 0)
        }
        return GroupReport(
            name: name, conversion: conversion, baseline: "outcome 0", windowDays: 7, tau: 0.01,
            start: Timestamp(milliseconds: 1_793_491_200_000), mismatchLog10: nil,
            mismatchLog10Max: isMismatched ? 5 : nil,
            refusalLog10: 0, warnings: [], arms: made)
    }

    private static func picture(
        _ arms: [Arm] = two, rule: String = "Autumn", group: String = "autumn", conversion: String = "CUSTOMER",
        isMismatched: Bool = false
    ) throws -> Picture {
        let group = Self.group(arms, name: group, conversion: conversion, isMismatched: isMismatched)
        let json = """
            {"site": "magazine", "ruleId": "article-22", "basis": "cohort", "timeZone": "UTC", "asOf": "2026-11-25T00:00:00.000Z",
            "epochs": [], "notes": [], "windowDays": 7, "outcomes": [], "groups": []}
            """
        var object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        object["ruleName"] = rule
        object["groups"] = [try JSONSerialization.jsonObject(with: JSONEncoder().encode(group))]
        let report = try JSONDecoder().decode(OutcomesReport.self, from: JSONSerialization.data(withJSONObject: object))
        return try Picture(ResultPicture(group, of: report, asOf: "As of 25 November 2026, UTC", now: now).svg)
    }

    @Test("it says what the page says: of whom, how much, how surely, and as of when")
    func complete() throws {
        let texts = try Self.picture().texts
        #expect(texts.contains("Autumn"))
        #expect(texts.contains("Group autumn: CUSTOMER within 7 days, of visitors since 1 November 2026"))
        #expect(texts.contains("“Form” is better than “Paywall”"))
        #expect(
            texts.contains { $0.contains(" more convert with “Form” than with “Paywall”.") }
        )
        for number in [
            "4.27 %", "3.99 to 5.87 %", "+1.25", "+0.25 to +2.25", "+31 %", "618", "of 12\u{202F}345", "better",
        ] {
            #expect(texts.contains(number.replacing(" %", with: "\u{A0}%")), "\(number)")
        }
        #expect(texts.contains("As of 25 November 2026, UTC. Site magazine, rule version article-22."))
    }

    @Test("a difference is drawn where its number is on the axis")
    func places() throws {
        let picture = try Self.picture()
        let ticks = picture.elements.filter { $0.name == "text" && $0.attributes["font-size"] == "12" }
        let labels = ticks.compactMap { tick in
            Double(tick.text.replacing("−", with: "-")).map { (tick.number("x"), $0) }
        }
        .filter { (428...680).contains($0.0) }
        let (first, last) = (try #require(labels.first), try #require(labels.last))
        let point = { (x: Double) in first.1 + (x - first.0) / (last.0 - first.0) * (last.1 - first.1) }
        let circle = try #require(picture.elements.first { $0.name == "circle" })
        #expect(abs(point(circle.number("cx")) - 1.25) < 0.01)
        let whisker = try #require(
            picture.elements.first { $0.name == "line" && $0.attributes["stroke-width"] == "2.5" })
        #expect(abs(point(whisker.number("x1")) - 0.25) < 0.01 && abs(point(whisker.number("x2")) - 2.25) < 0.01)
        // The first two outcomes' colours of the style sheet.
        #expect(circle.attributes["fill"] == "#d1480c")
        #expect(picture.elements.contains { $0.name == "rect" && $0.attributes["fill"] == "#1f6fd0" })
    }

    @Test("it needs nothing else, and holds nothing that a browser would run")
    func alone() throws {
        let picture = try Self.picture()
        for reference in ["href", "url(", "<script", "<foreignObject", "<style", "<image", "@import", "class=", "<!"] {
            #expect(!picture.svg.contains(reference), "\(reference)")
        }
        #expect(
            picture.svg.hasPrefix(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "))
    }

    /// Names that somebody might send.
    private static let hostile = [
        "<script>alert(1)</script>", "\"/><a href=\"javascript:x\">", "]]> &amp; <!-- '",
        "\u{0}\u{1}\u{8}\u{1B}[2J\u{7F}\u{9F}",
        "\u{FFFE}\u{FFFF}\u{1FFFE}", "\u{202E}drowssap\u{2066}\u{2067}\u{2069}\u{2069}", "עברית ועוד עברית",
        "مرحبا\u{2069} بالعالم",
        String(repeating: "W", count: 255), String(repeating: "\u{1F468}\u{200D}", count: 36),
        String(repeating: "😀", count: 63),
        "Z\(String(repeating: "\u{301}", count: 120))algo", String(repeating: "漢", count: 85), "a\r\n\tb\u{2028}c",
        "\u{FDFD}\u{12031}",
        String(repeating: "word ", count: 51), "", " ", "\u{301}", "{{frame.site}}",
    ]

    @Test("hostile names are text, and as much of them as has room", arguments: hostile)
    func strangers(name: String) throws {
        let many = (0..<10).map { index in
            Arm(
                name: name, verdict: index == 0 ? Verdict(.baseline) : Verdict(.maturing, name),
                difference: index == 0 ? nil : 0.001 * Double(index), guardrail: GuardrailVerdict(.maturing, name))
        }
        for picture in [
            try Self.picture(rule: name), try Self.picture(many, rule: name, group: name, conversion: name),
            try Self.picture(many, isMismatched: true),
        ] {
            #expect(Set(picture.elements.map(\.name)).isSubset(of: Picture.elementNames))
            #expect(Set(picture.elements.flatMap(\.attributes.keys)).isSubset(of: Picture.attributeNames))
            let scalars = picture.elements.flatMap(\.text.unicodeScalars)
            #expect(
                !scalars.contains { ("\u{202A}"..."\u{202E}").contains($0) || ("\u{2066}"..."\u{2067}").contains($0) })
            for text in picture.elements where text.name == "text" {
                #expect(picture.hasRoom(for: text), "\(text.text)")
            }
        }
    }

    @Test(
        "a heap of marks is cut, also of those that enclose, or with what is not shown among them",
        arguments: ["\u{301}\u{301}\u{200D}", "\u{20DD}", "\u{301}\u{20DD}\u{200C}\u{200E}", "\u{301}\u{2068}\u{2060}"])
    func heaps(part: String) {
        let drawable = "Z\(String(repeating: part, count: 40))a\u{301}".drawable
        let marks = drawable.unicodeScalars.count { "\u{301}\u{20DD}".unicodeScalars.contains($0) }
        #expect(marks == 2 + 1, "\(drawable.unicodeScalars.count)")
    }

    @Test("what is shortened is told whole to whoever points at it")
    func whole() throws {
        let name = String(repeating: "Registration", count: 20)
        let picture = try Self.picture(
            [Self.two[0], Arm(name: name, verdict: Verdict(.better), difference: 0.0125)], rule: name + name)
        let titles = picture.elements.filter { $0.name == "title" }.map(\.text)
        #expect(titles.contains(name) && titles.contains(name + name))
        #expect(titles.contains("“\(name)” is better than “Paywall”"))
        #expect(picture.texts.contains { $0.hasSuffix("…” is better than “Paywall”") })
        #expect(try Self.picture().elements.filter { $0.name == "title" }.count == 1)
    }

    @Test("guardrails have a table each, with the line that they must not fall below")
    func guardrails() throws {
        let arms = [
            Arm(name: "Paywall", verdict: Verdict(.baseline), difference: nil, guardrail: GuardrailVerdict(.baseline)),
            Arm(name: "Form", verdict: Verdict(.better), difference: 0.03, guardrail: GuardrailVerdict(.holds)),
        ]
        let picture = try Self.picture(arms)
        #expect(picture.texts.contains("Guardrail: CUSTOMER must not fall by more than 0.5 points"))
        #expect(picture.texts.contains("holds"))
        #expect(picture.elements.filter { $0.name == "line" && $0.attributes["stroke"] == "#a4262c" }.count == 1)
        #expect(picture.elements.filter { $0.name == "circle" }.count == 2)
    }

    @Test("of many outcomes the table tells what is to be said of each, and the box what is to be said of all")
    func many() throws {
        let few = Verdict(.noDifferenceShownYet, "too few conversions yet")
        let arms = [Self.two[0]] + (1...5).map { Arm(name: "Offer \($0)", verdict: few, difference: 0) }
        let texts = try Self.picture(arms).texts
        #expect(texts.contains("No winner yet: no difference is shown so far"))
        #expect(!texts.contains { $0.hasPrefix("“Offer 1”") })
        #expect(texts.contains { $0.contains("visitors are compared so far") })
        #expect(texts.filter { $0 == "too few conversions yet" }.count == 5)
    }

    @Test("where nothing can be compared there are counts, and no rates")
    func mismatched() throws {
        let arms = Self.two.map { Arm(name: $0.name, verdict: Verdict(.cannotBeCompared, "the split is wrong")) }
        let picture = try Self.picture(arms, isMismatched: true)
        #expect(picture.texts.contains("This test is broken: its outcomes cannot be compared"))
        #expect(picture.texts.contains("13\u{202F}579") && picture.texts.contains("As declared"))
        #expect(!picture.texts.contains("Rate") && !picture.elements.contains { $0.name == "circle" })
    }
}

/// What an XML parser reads in a picture.
private struct Picture {
    struct Element {
        let name: String
        let attributes: [String: String]
        var text = ""

        func number(_ name: String) -> Double { attributes[name].flatMap(Double.init) ?? .nan }
    }

    static let elementNames: Set = ["svg", "title", "g", "rect", "line", "circle", "polygon", "text"]
    static let attributeNames: Set = [
        "xmlns", "width", "height", "viewBox", "role", "font-family", "font-size", "font-weight", "text-anchor", "fill",
        "stroke",
        "stroke-width", "stroke-dasharray", "points", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r",
    ]

    let svg: String
    let elements: [Element]
    var texts: [String] { elements.filter { $0.name == "text" }.map(\.text) }

    init(_ svg: String) throws {
        self.svg = svg
        let reader = Reader()
        let parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = reader
        #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
        elements = reader.elements
    }

    /// Whether all of a text is within the margins, however wide the font.
    func hasRoom(for text: Element) -> Bool {
        let width = Lettering(size: text.number("font-size"), isBold: text.attributes["font-weight"] == "bold").width(
            text.text)
        let x = text.number("x")
        let (low, high) =
            switch text.attributes["text-anchor"] {
            case "end": (x - width, x)
            case "middle": (x - width / 2, x + width / 2)
            default: (x, x + width)
            }
        return low >= 39.9 && high <= 1240.1 && text.number("y") > 0 && text.number("y") < elements[0].number("height")
    }

    private final class Reader: NSObject, XMLParserDelegate {
        var elements: [Element] = []
        private var open: [Int] = []

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            open.append(elements.count)
            elements.append(Element(name: name, attributes: attributes))
        }

        func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
            open.removeLast()
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) {
            if let last = open.last { elements[last].text += string }
        }
    }
}
