/// Made-up visitors of one rule version, with known true rates.
struct Scenario {
    struct Outcome {
        let id: String
        /// How many visitors of a day see it.
        let visitorsPerDay: Int
        /// How many of them convert within a few days, by the conversion's name.
        let rates: [String: Double]
    }

    let ruleID: String
    /// How many days ago it went live, at least 1.
    let days: Int
    let outcomes: [Outcome]

    static let all = [
        Scenario(
            ruleID: "article-22", days: 35,
            outcomes: [
                Outcome(
                    id: "graph/1#1,graph/1#2,graph/2#1", visitorsPerDay: 450,
                    rates: ["CUSTOMER": 0.039, "REGISTERED": 0.09]),
                Outcome(
                    id: "graph/1#1,graph/1#2,graph/2#2", visitorsPerDay: 450,
                    rates: ["CUSTOMER": 0.055, "REGISTERED": 0.13]),
            ]),
        Scenario(
            ruleID: "newsletter-7", days: 28,
            // Between paragraphs it keeps people from reading on.
            outcomes: [("graph/1#1,graph/1#2", 0.5), ("graph/1#1,graph/1#3", 0.35), ("graph/1#1,graph/1#4", 0.5)].map {
                Outcome(id: $0.0, visitorsPerDay: 120, rates: ["REGISTERED": 0.07, "READ": $0.1])
            }),
        // A fifth of the second outcome's visitors is lost on the way.
        Scenario(
            ruleID: "metering-9", days: 21,
            outcomes: [
                Outcome(id: "graph/1#1", visitorsPerDay: 200, rates: ["CUSTOMER": 0.02]),
                Outcome(id: "graph/1#2", visitorsPerDay: 160, rates: ["CUSTOMER": 0.03]),
            ]),
        Scenario(
            ruleID: "spring-offer-1", days: 3,
            outcomes: ["graph/1#1", "graph/1#2"].map {
                Outcome(id: $0, visitorsPerDay: 300, rates: ["CUSTOMER": 0.05])
            }),
        // Segments, which are in no group.
        Scenario(
            ruleID: "welcome-4", days: 30,
            outcomes: [
                Outcome(id: "anonymous/1#1,anonymous/1#2", visitorsPerDay: 300, rates: ["REGISTERED": 0.02]),
                Outcome(id: "anonymous/1#1,anonymous/1#3", visitorsPerDay: 90, rates: ["REGISTERED": 0.04]),
                Outcome(id: "registered/1#1,registered/1#2", visitorsPerDay: 60, rates: ["CUSTOMER": 0.12]),
            ]),
        Scenario(
            ruleID: "banner-2", days: 33,
            outcomes: [("graph/1#1", 0.03), ("graph/1#2", 0.06)].map {
                Outcome(id: $0.0, visitorsPerDay: 120, rates: ["CUSTOMER": $0.1])
            }),
        // What a page sends that has no id at hand.
        Scenario(
            ruleID: "undefined", days: 12,
            outcomes: [Outcome(id: "undefined", visitorsPerDay: 6, rates: ["REGISTERED": 0.02])]),
        // A decision of several steps, whose ways end in ten outcomes.
        Scenario(
            ruleID: "subscribe-5", days: 30,
            outcomes: [
                ("graph/1#2,graph/2#1", 220, 0.03), ("graph/1#2,graph/2#2", 210, 0.024),
                ("graph/1#2,graph/2#3,graph/3#1", 40, 0.09), ("graph/1#2,graph/2#3,graph/3#2", 60, 0.06),
                ("graph/1#3,graph/4#1", 150, 0.011), ("graph/1#3,graph/4#2", 90, 0.008),
                ("graph/1#3,graph/4#3", 70, 0.004), ("graph/1#4,graph/5#1,graph/6#1", 55, 0.006),
                ("graph/1#5", 120, 0.002), ("graph/1#6,graph/7#1", 25, 0.05),
            ].map { Outcome(id: "graph/1#1,\($0.0)", visitorsPerDay: $0.1, rates: ["CUSTOMER": $0.2]) }),
    ]

    /// A million visitors and ten outcomes.
    static let large = Scenario(
        ruleID: "large", days: 90,
        outcomes: (1...10).map {
            Outcome(
                id: "graph/1#1,graph/1#\($0)", visitorsPerDay: 1115, rates: ["CUSTOMER": 0.02, "REGISTERED": 0.05])
        })

    /// Ids that a page must show as text, whatever they hold.
    static let hostile = Scenario(
        ruleID: "<script>document.title='x'</script>", days: 10,
        outcomes: [
            Outcome(
                id: "\"><img src=x onerror=\"document.title='x'\">,graph/1#2", visitorsPerDay: 20,
                rates: ["<b>BOLD</b>": 0.2]),
            // A quote that an accent follows is one character to people, and a quote to a browser.
            Outcome(
                id: "\"\u{301} autofocus onfocus=\"\u{301}document.title='x',graph/1#3", visitorsPerDay: 20,
                rates: ["'\u{301} onclick='x": 0.2]),
            Outcome(id: "{{frame.site}} &amp; \u{202E}graph", visitorsPerDay: 20, rates: ["<b>BOLD</b>": 0.1]),
            Outcome(id: String(repeating: "long", count: 250), visitorsPerDay: 20, rates: [:]),
        ])
}
