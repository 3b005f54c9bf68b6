import Records
import Testing

@Suite("Ids that are evidently mistakes")
struct EvidentMistakeTests {
    @Test(
        "what a template, a script or an empty value leaves is known for what it is",
        arguments: [
            ("{{ruleId}}", .template), ("{{ ruleId }}", .template), ("article-{{ id }}-2", .template),
            ("${ruleId}", .template),
            ("<%= ruleId %>", .template), ("undefined", .undefined), (" undefined ", .undefined), ("null", .null),
            ("[object Object]", .object), ("[object Promise]", .object), (" ", .blank), ("\u{A0}\u{3000}", .blank),
        ] as [(String, EvidentMistake)])
    func mistakes(text: String, mistake: EvidentMistake) {
        #expect(EvidentMistake(text) == mistake)
    }

    @Test(
        "what may be meant so is none",
        arguments: [
            "article-22", "graph/1#1,graph/1#2", "REGISTERED", "undefined-2", "nullable", "NULL", "{ruleId}", "}}{{",
            "{{",
            "$5", "%>", "[object", "[objects]", "0", "-", "\u{200B}",
        ])
    func none(text: String) {
        #expect(EvidentMistake(text) == nil)
    }

    @Test("an event has those of its fields, by the names that requests have for them")
    func fields() {
        let conversion = Event.conversion(Conversion(ruleID: "{{ruleId}}", outcomeID: "a", name: "undefined"))
        #expect(
            conversion.mistakes.map { "\($0.field.rawValue) \($0.mistake)" } == [
                "ruleId template", "conversion undefined",
            ])
        let exposure = Event.exposure(Exposure(ruleID: "a", outcomeID: " "))
        #expect(exposure.mistakes.map { "\($0.field.rawValue) \($0.mistake)" } == ["outcomeId blank"])
    }
}
