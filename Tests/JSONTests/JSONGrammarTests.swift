import JSON
import Testing

/// RFC 8259's grammar, case by case: what every reader must accept, what none may, and what this one decided where
/// readers differ. Cases are values; each is put into an object.
@Suite struct JSONGrammarTests {
    @Test(
        "What the grammar has is accepted",
        arguments: [
            "[]", "[[]]", "[ ]", "[1 ]", "[1,null,true,false,\"\"]", "{}", "{\"\":0}", "{\"a\":{\"a\":{\"a\":0}}}",
            "0", "-0", "1", "-1", "10", "0.5", "-0.5", "1e1", "1E1", "1e+1", "1e-1", "0e0", "0.0e+00", "1.5E-7", "20e1",
            "true", "false", "null", " true ", "\t1\r\n", "\"\"", "\"a\"", "\" \"", "\"/\"", "\"\\/\"", "\"\\u002c\"",
            "\"\\\"\"", "\"\\\\\"", "\"\\b\\f\\n\\r\\t\"", "\"\\u0001\"", "\"\\u0012\"", "\"\\uD801\\udc37\"",
            "\"\\uDBFF\\uDFFE\"", "\"\\u0060\\u012a\\u12AB\"", "\"\\u00A0\"", "\"\\u200B\"", "\"\\u2064\"",
            "\"\\uFDD0\"", "\"\\uFFFE\"", "\"\u{20AC}\"", "\"\u{2028}\u{2029}\"", "\"\u{7F}\"", "\"\u{10FFFF}\"",
            "\"asd \u{1F600}\"", "\"// no comment /* */\"", "\"[{\"", "[\"a\",\"a\"]", "[{\"a\":1},{\"a\":1}]",
        ])
    func accepted(value: String) {
        #expect(JSONObject.fault(in: "{\"k\":\(value)}") == nil)
        #expect(JSONObject.fault(in: "\r\n\t {\"k\" : \(value) } \n") == nil)
    }

    @Test(
        "What the grammar lacks is refused",
        arguments: [
            "", "[", "]", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1:2]", "[\"a\":1]", "[1}", "[x]", "[-]", "[*]",
            "01", "-01", "00", "+1", "++1", "-", "--1", "1.", ".5", "-.5", "1.e1", "1e", "1e+", "1E-", "0e", "1eE2",
            "1e1.5", "1.2.3", "1_000", "1 000", "0x1F", "0b1", "1a", "Infinity", "-Infinity", "NaN", "inf", "nan", "1f",
            "\u{FF11}", "True", "TRUE", "tru", "nul", "nulll", "truefalse", "undefined", "'a'", "a", "`a`",
            "\"", "\"a", "\"\\\"", "\"\\x00\"", "\"\\a\"", "\"\\'\"", "\"\\0\"", "\"\\U0041\"", "\"\\u\"", "\"\\u00\"",
            "\"\\u00G0\"", "\"\\u 041\"", "\"\\uD800\\n\"", "\"\\uD800\\u\"", "\"\\uD800\\uD8\"", "\"\\uD800\\u0041\"",
            "\"\\\u{1F600}\"", "\"\t\"", "\"\n\"", "\"\u{1F}\"", "\"\u{1}\"", "{a:1}", "{'a':1}", "{1:1}", "{\"a\"}",
            "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\":1 \"b\":2}", "{\"a\"::1}", "{\"a\",1}", "{null:1}", "{[]:1}",
            "{\"a\":1", "1 // c", "/**/1", "1;", "<a>", "@", "\u{A0}1", "\u{2060}1", "\u{C}1", "\u{FEFF}1", "\\n", "1,",
        ])
    func refused(value: String) {
        #expect(JSONObject.fault(in: "{\"k\":\(value)}") != nil)
    }

    @Test(
        "Where readers differ, this one accepts what a double and UTF-8 can hold",
        arguments: [
            "1e-5000", "-1e-5000", "100000000000000000000", "-123123123123123123123123123123",
            "0.\(String(repeating: "4", count: 500))", "123.456e78", "\"\u{FFFF}\"", "\"\\uFFFF\"", "\"\u{FEFF}\"",
        ])
    func decidedFor(value: String) {
        #expect(JSONObject.fault(in: "{\"k\":\(value)}") == nil)
    }

    @Test(
        "Where readers differ, this one refuses what it would have to guess at",
        arguments: [
            "1e400", "-1e400", "0.4e00669999999999999999999999999999999999999999969999999006", "\"\\uDADA\"",
            "\"\\ud800\"", "\"\\uD888\\u1234\"", "\"\\uDd1e\\uD834\"", "\"\\u0000\"", "{\"a\":1,\"a\":2}",
        ])
    func decidedAgainst(value: String) {
        #expect(JSONObject.fault(in: "{\"k\":\(value)}") != nil)
    }

    @Test("A text cut anywhere is refused")
    func everyPrefix() {
        let text = Array(#"{"a":[1,-2.5e3,true,null,"x\u00e9\\\"é"],"b":{"c":{}}}"#.utf8)
        #expect(JSONObject.fault(in: text) == nil)
        for end in text.indices {
            #expect(JSONObject.fault(in: Array(text[..<end])) != nil, "cut at byte \(end)")
        }
    }

    @Test("No byte put in place of another makes the reader do worse than refuse")
    func everySubstitution() {
        let text = Array(#"{"a":[1,-2.5e3,true,"x\u00e9\uD83D\uDE00é"],"b":{}}"#.utf8)
        for index in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[index] = byte
                let error = JSONObject.fault(in: changed)
                #expect((error?.byteOffset ?? 0) <= changed.count)
            }
        }
    }
}
