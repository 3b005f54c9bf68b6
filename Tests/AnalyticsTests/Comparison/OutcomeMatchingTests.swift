import ConfigurationFile
import Testing

@testable import Analytics

@Suite("Which outcome of an export is which")
struct OutcomeMatchingTests {
    private static func zephr(_ id: String, tab: String = "", path: String = "") -> ZephrOutcome {
        ZephrOutcome(tab: tab, path: path, id: id)
    }

    private static func own(_ id: String?, name: String? = nil, tab: String? = nil, path: String? = nil) -> OwnOutcome {
        OwnOutcome(id: id.map { OpaqueID($0) }, name: name, place: OutcomePlace(tab: tab, path: path))
    }

    /// Of one outcome of an export: the id that it was found to be, and by what; or why it is none.
    private static func found(_ outcome: ZephrOutcome, _ own: [OwnOutcome]) -> String {
        let matching = OutcomeMatching([outcome], own)
        if let pair = matching.pairs.first { return "\(pair.own.id?.text ?? "(other)") by \(pair.match.rawValue)" }
        return matching.zephrAlone.first.map { "\($0.failure)" } ?? ""
    }

    @Test("The surest way counts: id, path, tab and path, name, name behind a kind")
    func order() {
        let form = Self.own("g/1#2", name: "Form", tab: "Anonymous", path: "A,B")
        let all = [form, Self.own("Transformation:Form"), Self.own("x", path: "C")]
        #expect(Self.found(Self.zephr("Transformation:Form", path: "A,B"), all) == "Transformation:Form by outcomeId")
        #expect(Self.found(Self.zephr("Other", path: "g/1#2"), all) == "g/1#2 by outcomePath")
        #expect(Self.found(Self.zephr("Other", path: "A,B"), all) == "g/1#2 by outcomePath")
        #expect(Self.found(Self.zephr("Form"), all) == "g/1#2 by name")
        #expect(Self.found(Self.zephr("Other", path: "Form"), [Self.own("g/1#2", name: "Form")]) == "g/1#2 by name")
        #expect(Self.found(Self.zephr("Transformation:Form"), [form]) == "g/1#2 by name in outcomeId")
        #expect(Self.found(Self.zephr("Transformation: Form"), [form]) == "g/1#2 by name in outcomeId")
        #expect(Self.found(Self.zephr("Transformation:g/1#2"), [form]) == "g/1#2 by name in outcomeId")
    }

    @Test("Ids are the same when their bytes are, and only so")
    func bytes() {
        #expect(Self.found(Self.zephr("caf\u{E9}"), [Self.own("cafe\u{301}")]) == "unknown")
        #expect(Self.found(Self.zephr("A"), [Self.own("a")]) == "unknown")
        #expect(Self.found(Self.zephr("no kind:Form"), [Self.own("x", name: "Form")]) == "unknown")
        #expect(Self.found(Self.zephr(""), [Self.own("", name: "", path: "")]) == "unknown")
    }

    @Test("Of several by their path, the tab tells which one it is")
    func tabs() {
        let both = [Self.own("a", tab: "Anonymous", path: "P"), Self.own("r", tab: "Registered", path: "P")]
        #expect(Self.found(Self.zephr("F", tab: "Registered", path: "P"), both) == "r by outcomePath")
        let open = [Self.own("a", path: "P"), Self.own("r", tab: "Registered", path: "P")]
        #expect(Self.found(Self.zephr("F", tab: "Registered", path: "P"), open) == "r by tab and path")
        #expect(Self.found(Self.zephr("F", tab: "Anonymous", path: "P"), open) == "a by outcomePath")
        #expect(Self.found(Self.zephr("F", path: "P"), both).hasPrefix("ambiguous"))
        #expect(Self.found(Self.zephr("F", tab: "Staff", path: "P"), both).hasPrefix("elsewhere"))
    }

    @Test("Two of one name are not told apart by guessing")
    func ambiguous() {
        let both = [Self.own("a", name: "Form"), Self.own("b", name: "Form")]
        let matching = OutcomeMatching([Self.zephr("T:Form")], both)
        #expect(matching.pairs.isEmpty && matching.ownAlone == both)
        #expect(matching.zephrAlone.map(\.failure) == [.ambiguous(both, .nameBehindKind)])
    }

    @Test("Rows of one id are added up, and rows of one name are not")
    func several() {
        let rows = [Self.zephr("a", tab: "X", path: "P"), Self.zephr("a", tab: "Y", path: "Q")]
        let one = OutcomeMatching(rows, [Self.own("a")])
        #expect(one.pairs == [OutcomeMatching.Pair(zephr: rows, own: Self.own("a"), match: .outcomeId)])
        let form = Self.own("g", name: "Form")
        let forms = [Self.zephr("T:Form", tab: "X"), Self.zephr("T:Form", tab: "Y")]
        let none = OutcomeMatching(forms, [form])
        #expect(none.pairs.isEmpty && none.ownAlone == [form])
        #expect(
            none.zephrAlone.map(\.failure) == [
                .rivals(form, .nameBehindKind, count: 2), .rivals(form, .nameBehindKind, count: 2),
            ])
        let declared = Self.own("g", name: "Form", tab: "Y")
        let sure = OutcomeMatching(forms, [declared])
        #expect(sure.pairs.map(\.zephr) == [[forms[1]]])
        #expect(sure.zephrAlone.map(\.failure) == [.elsewhere(declared)])
    }

    @Test("What is found by its id leaves nothing for what has its name")
    func taken() {
        let own = Self.own("g", name: "Form")
        let matching = OutcomeMatching([Self.zephr("g"), Self.zephr("T:Form")], [own])
        #expect(matching.pairs.map(\.zephr) == [[Self.zephr("g")]])
        #expect(matching.zephrAlone.map(\.failure) == [.taken(own, .nameBehindKind, by: .outcomeId)])
    }

    @Test("Where those of the best reason are rivals, none is said to be taken")
    func rivals() {
        let own = Self.own("g", name: "Form", path: "P")
        let rows = [Self.zephr("A", path: "P"), Self.zephr("B", path: "P"), Self.zephr("Form")]
        let matching = OutcomeMatching(rows, [own])
        #expect(matching.pairs.isEmpty && matching.ownAlone == [own])
        #expect(
            matching.zephrAlone.map(\.failure) == [
                .rivals(own, .outcomePath, count: 3), .rivals(own, .outcomePath, count: 3),
                .rivals(own, .name, count: 3),
            ])
    }

    @Test("All those together that have no name are those of our own export, and no outcome that is called so")
    func other() {
        let all = [Self.own(nil), Self.own("(other)")]
        #expect(Self.found(Self.zephr("", path: "(other)"), all) == "(other) by outcomeId")
        let matching = OutcomeMatching([Self.zephr("(other)", path: "(other)")], all)
        #expect(matching.pairs.map(\.own) == [Self.own("(other)")])
    }
}
