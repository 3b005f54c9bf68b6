import JSON
import Testing

@Suite struct JSONRefusalTests {
    @Test(
        "A refused text names its fault",
        arguments: [
            ("", JSONError.Fault.truncated), (" \n", .truncated), ("{", .truncated), (#"{"a"#, .truncated),
            (#"{"a":"#, .truncated), (#"{"a":[1,"#, .truncated), (#"{"a":"x"#, .truncated),
            ("[]", .notAnObject), ("7", .notAnObject), (#""{}""#, .notAnObject), ("null", .notAnObject),
            ("}", .notAnObject), ("\u{B}{}", .notAnObject), ("/{}", .notAnObject),
            ("{} x", .trailingText), ("{}{}", .trailingText), ("{},", .trailingText), ("{}]", .trailingText),
            (#"{"a":1,"a":1}"#, .duplicateMember), (#"{"a":1,"\u0061":2}"#, .duplicateMember),
            (#"{"b":{"é":1,"\u00E9":2}}"#, .duplicateMember), (#"{"a":[{"":1,"":2}]}"#, .duplicateMember),
            (#"{"a":"\uD800"}"#, .loneSurrogate), (#"{"a":"\uD800x"}"#, .loneSurrogate),
            (#"{"a":"\uDC00"}"#, .loneSurrogate), (#"{"a":"\uD800\uD800"}"#, .loneSurrogate),
            (#"{"a":"\uDE00\uD83D"}"#, .loneSurrogate), (#"{"\uDFFF":1}"#, .loneSurrogate),
            (#"{"a":"\u0000"}"#, .nul), (#"{"\u0000":1}"#, .nul), (#"{"a\u0000b":1}"#, .nul),
            ("{\"a\":1\u{0}}", .nul), ("{\"a\":\"\u{0}\"}", .nul), ("\u{0}{}", .nul), ("{}\u{0}", .nul),
            ("{\"a\":\"\\\u{0}\"}", .nul),
            ("\u{FEFF}{}", .byteOrderMark), ("\u{FEFF}", .byteOrderMark),
            (#"{"a":1e309}"#, .numberOutOfRange), (#"{"a":-1e309}"#, .numberOutOfRange),
            ("{\"a\":1\(String(repeating: "0", count: 309))}", .numberOutOfRange),
        ])
    func fault(text: String, fault: JSONError.Fault) {
        #expect(JSONObject.fault(in: text)?.fault == fault)
    }

    @Test(
        "Bytes that are not UTF-8 are refused",
        arguments: [
            [0xFF], [0xC3], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
            [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0x80], [0xE2, 0x82],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        let inValue = Array(#"{"a":""#.utf8) + bytes + Array(#""}"#.utf8)
        #expect(JSONObject.fault(in: inValue)?.fault == .invalidUTF8)
        let inName = Array(#"{""#.utf8) + bytes + Array(#"":1}"#.utf8)
        #expect(JSONObject.fault(in: inName)?.fault == .invalidUTF8)
        #expect(JSONObject.fault(in: Array("{".utf8) + bytes) != nil)
    }

    @Test("UTF-16 and UTF-32 are refused")
    func otherEncodings() {
        #expect(JSONObject.fault(in: [0xFF, 0xFE, 0x7B, 0, 0x7D, 0]) != nil)
        #expect(JSONObject.fault(in: [0x7B, 0, 0x7D, 0]) != nil)
        #expect(JSONObject.fault(in: [0, 0, 0, 0x7B, 0, 0, 0, 0x7D]) != nil)
    }

    @Test(
        "A comment is named, with the byte at which it begins",
        arguments: [
            ("// a\n{}", 0), (" /* a */{}", 1), ("{// a\n}", 1), (#"{"a":1, // it's "b" {[\n}"#, 8),
            (#"{"a": /**/ 1}"#, 6),
            (#"{"a":1/* b */}"#, 6), (#"{"a":"//\"", "b": "/*" // c"#, 23), ("{} // a", 3), ("{}/* a */", 2),
            (#"{"é":1, // a"#, 9),
        ])
    func comment(text: String, byteOffset: Int) {
        #expect(JSONObject.fault(in: text) == JSONError(.comment, byteOffset: byteOffset))
    }

    @Test(
        "What only resembles a comment, or stands behind another fault, is none",
        arguments: [
            (#"{"a": / 1}"#, JSONError.Fault.malformed), (#"{"a": 1 /"#, .malformed),
            (#"{'a': 'http://b'}"#, .malformed),
            (#"{"a":1,,// b"#, .malformed), (#"{"a":1,"a":1}// b"#, .duplicateMember), (#"{"a":"//"#, .truncated),
        ])
    func noComment(text: String, fault: JSONError.Fault) {
        #expect(JSONObject.fault(in: text)?.fault == fault)
    }

    @Test("A compressed text is named")
    func compressed() {
        #expect(JSONObject.fault(in: [0x1F, 0x8B, 8, 0, 0, 0, 0, 0]) == JSONError(.compressed, byteOffset: 0))
        #expect(JSONObject.fault(in: [0x1F, 0x7B, 0x7D])?.fault == .notAnObject)
    }

    @Test("An array is read as strictly as an object, and is none")
    func arrays() throws {
        func fault(_ text: String, depthMax: Int = 32) -> JSONError.Fault? {
            do throws(JSONError) {
                _ = try JSONArray(text: text, depthMax: depthMax)
                return nil
            } catch {
                return error.fault
            }
        }
        #expect(fault(" [1] ") == nil)
        #expect(fault("[[]]", depthMax: 1) == .tooDeep)
        for (text, expected) in [
            ("{}", JSONError.Fault.notAnArray), ("", .truncated), ("[1", .truncated), ("[1]]", .trailingText),
            ("[1,]", .malformed), (#"[{"a":1,"a":1}]"#, .duplicateMember), ("[1] // a", .comment),
            ("\u{FEFF}[]", .byteOrderMark),
        ] {
            #expect(fault(text) == expected, "\(text)")
        }
        let array = try JSONArray(text: #"["a", {"b": 1}]"#, depthMax: 2)
        #expect(array.count == 2)
        guard case .string("a") = array[0], case .object(let object) = array[1] else {
            Issue.record("the elements are not what they were")
            return
        }
        #expect(object.count == 1)
    }

    @Test("Depth is counted from the outermost object, in objects and arrays alike")
    func depth() {
        #expect(JSONObject.fault(in: "{}", depthMax: 1) == nil)
        #expect(JSONObject.fault(in: #"{"a":[]}"#, depthMax: 2) == nil)
        #expect(JSONObject.fault(in: #"{"a":[]}"#, depthMax: 1) == JSONError(.tooDeep, byteOffset: 5))
        #expect(JSONObject.fault(in: nested(31)) == nil)
        #expect(JSONObject.fault(in: nested(32))?.fault == .tooDeep)
        #expect(JSONObject.fault(in: #"{"a":"# + String(repeating: "[", count: 100_000))?.fault == .tooDeep)
    }

    @Test("Brackets inside strings are no depth, and brackets side by side do not add up")
    func depthKnowsStrings() {
        #expect(JSONObject.fault(in: #"{"[[[[":"{{{{\"[[[[\\","b":"\\\"{{"}"#, depthMax: 1) == nil)
        #expect(JSONObject.fault(in: #"{"a":[],"b":[],"c":{},"d":[[],[]]}"#, depthMax: 3) == nil)
        #expect(JSONObject.fault(in: #"{"a":"\\","b":[[]]}"#, depthMax: 2)?.fault == .tooDeep)
    }

    @Test("Closing brackets in excess buy no depth")
    func closingBracketsBuyNothing() {
        #expect(JSONObject.fault(in: "{}]]]]]]\(nested(40))") != nil)
    }

    @Test("The offset says how far the text was read")
    func offsets() {
        #expect(JSONObject.fault(in: "  []") == JSONError(.notAnObject, byteOffset: 2))
        #expect(JSONObject.fault(in: "{\"a\":1\u{0}}") == JSONError(.nul, byteOffset: 6))
        #expect(JSONObject.fault(in: #"{"a":1} x"#) == JSONError(.trailingText, byteOffset: 9))
        #expect(JSONObject.fault(in: #"{"a":"#) == JSONError(.truncated, byteOffset: 5))
        #expect(JSONObject.fault(in: #"{"é":1,"é":2}"#) == JSONError(.duplicateMember, byteOffset: 12))
    }

    @Test(
        "Where the caller wants it so, the last of several members with one name counts, and nothing else is let pass")
    func lastOfDuplicates() throws {
        let text = Array(#"{"a":"first","b":{"c":"x","c":"y"},"a":"last"}"#.utf8)
        let object = try JSONObject(parsing: text, depthMax: 8, lastOfDuplicatesCounts: true)
        guard case .string("last")? = object["a"], case .object(let inner)? = object["b"],
            case .string("y")? = inner["c"]
        else {
            Issue.record("others count")
            return
        }
        for wrong in [#"{"a":1,"a":1} x"#, #"{"a":1,"a":}"#, #"{"a":1,"a":"\u0000"}"#] {
            #expect(throws: JSONError.self) {
                try JSONObject(parsing: Array(wrong.utf8), depthMax: 8, lastOfDuplicatesCounts: true)
            }
        }
    }

    /// An object with so many names, then one more member, at the place where the object's brackets are.
    private static func object(_ names: some Sequence<Int>, more: String = "") -> String {
        "{" + names.map { "\"name-\($0)\":\($0)" }.joined(separator: ",") + more + "}"
    }

    @Test(
        "Among few and many members a name that comes twice is found, whichever it is, however it is written, however deep",
        arguments: [2, 15, 16, 17, 18, 1000])
    func duplicatesAmongMany(count: Int) {
        #expect(JSONObject.fault(in: Self.object(0..<count)) == nil)
        for place in [0, count / 2, count - 1] {
            for name in ["name-\(place)", "\\u006eame-\(place)", "name\\u002D\(place)", "n\\u0061me-\(place)"] {
                let text = Self.object(0..<count, more: ",\"\(name)\":0")
                for nested in [
                    text, "{\"a\":\(text)}", "{\"a\":[1,[\(text)]]}", "{\"a\":\(Self.object(0..<20)),\"b\":\(text)}",
                ] {
                    #expect(JSONObject.fault(in: nested)?.fault == .duplicateMember, "\(name) of \(count)")
                }
            }
        }
    }

    @Test(
        "The same names in objects side by side, and one within another, are no duplicates", arguments: [16, 17, 1000])
    func sameNamesElsewhere(count: Int) {
        let many = Self.object(0..<count)
        #expect(JSONObject.fault(in: "{\"a\":[\(many),\(many)],\"b\":\(many)}") == nil)
        #expect(JSONObject.fault(in: Self.object(0..<count, more: ",\"inner\":\(many),\"last\":\(many)")) == nil)
        #expect(JSONObject.fault(in: Self.object(0..<count, more: ",\"NAME-0\":0,\"name-\":0,\"\":0")) == nil)
    }

    @Test("An error quotes nothing of the text")
    func quotesNothing() {
        for text in [#"{"secret" "secret"}"#, #"{secret}"#, #"{"secret":1,"secret":1}"#, #"{"a":"secret"#, "secret"] {
            let error = JSONObject.fault(in: text)
            #expect(error?.description.contains("secret") == false)
        }
    }

    private func nested(_ arrays: Int) -> String {
        "{\"a\":" + String(repeating: "[", count: arrays) + String(repeating: "]", count: arrays) + "}"
    }
}
