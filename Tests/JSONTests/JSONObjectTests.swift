import JSON
import Testing

@Suite struct JSONObjectTests {
    @Test("A conversion's body gives its three strings")
    func body() throws {
        let object = try JSONObject(
            text: #"{"ruleId": "article-22", "outcomeId": "graph/1#1,graph/1#2", "conversion": "REGISTERED"}"#)
        #expect(object.count == 3)
        #expect(string(object["ruleId"]) == "article-22")
        #expect(string(object["outcomeId"]) == "graph/1#1,graph/1#2")
        #expect(string(object["conversion"]) == "REGISTERED")
        #expect(object["visitor"] == nil)
    }

    @Test("Every kind of value comes back as what it is")
    func kinds() throws {
        let object = try JSONObject(text: #"{"s":"","n":-1.5e2,"t":true,"f":false,"z":null,"a":[1,"x"],"o":{"k":[]}}"#)
        #expect(string(object["s"])?.isEmpty == true)
        #expect(number(object["n"]) == -150)
        guard case .bool(true)? = object["t"], case .bool(false)? = object["f"], case .null? = object["z"] else {
            Issue.record("true, false and null came back as something else")
            return
        }
        guard case .array(let elements)? = object["a"], case .object(let inner)? = object["o"] else {
            Issue.record("the array or the object came back as something else")
            return
        }
        #expect(elements.count == 2)
        #expect(number(elements.first) == 1)
        #expect(string(elements.last) == "x")
        #expect(inner.count == 1)
    }

    @Test("An inner object outlives the object that it was found in")
    func innerObjectOutlives() throws {
        var outer: JSONObject? = try JSONObject(text: #"{"a":[{"k":"kept alive by its own reference"}]}"#)
        guard case .array(let elements)? = outer?["a"], case .object(let inner)? = elements.first else {
            Issue.record("the inner object was not found")
            return
        }
        outer = nil
        #expect(string(inner["k"]) == "kept alive by its own reference")
    }

    @Test(
        "A number is read when a double holds it, however long it is",
        arguments: [
            ("0", 0), ("-0", -0.0), ("9223372036854775808", 0x1p63), ("18446744073709551616", 0x1p64),
            ("-9223372036854775809", -0x1p63), ("123456789012345678901234567890", 123456789012345677877719597056),
            ("1.7976931348623157e308", Double.greatestFiniteMagnitude), ("1e-400", 0),
            ("5e-324", .leastNonzeroMagnitude),
            ("1E+2", 100), ("0.1", 0.1), ("9007199254740993", 9007199254740992),
        ])
    func numbers(text: String, value: Double) throws {
        let object = try JSONObject(text: "{\"n\":\(text)}")
        #expect(number(object["n"]) == value)
    }

    @Test(
        "Escapes come back as the characters they stand for",
        arguments: [
            (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"), (#"\u00e9"#, "\u{E9}"), (#"\uD83D\uDE00"#, "\u{1F600}"),
            (#"\uFEFF"#, "\u{FEFF}"), (#"\uFFFF"#, "\u{FFFF}"), (#"\\u0000"#, #"\u0000"#), ("\u{7F}", "\u{7F}"),
        ])
    func escapes(text: String, value: String) throws {
        let object = try JSONObject(text: "{\"s\":\"\(text)\"}")
        #expect(string(object["s"]).map { Array($0.utf8) } == Array(value.utf8))
    }

    @Test("Names are compared by their bytes, not by how they look")
    func namesAreBytes() throws {
        let object = try JSONObject(text: "{\"\u{E9}\":1,\"e\u{301}\":2,\"a-rather-long-member-name\":3,\"\":4}")
        #expect(number(object["\u{E9}"]) == 1)
        #expect(number(object["e\u{301}"]) == 2)
        #expect(number(object["a-rather-long-member-name"]) == 3)
        #expect(number(object[""]) == 4)
        #expect(object["a-rather-long-member-name\u{0}"] == nil)
    }

    private func string(_ value: JSONValue?) -> String? {
        guard case .string(let string)? = value else { return nil }
        return string
    }

    private func number(_ value: JSONValue?) -> Double? {
        guard case .number(let number)? = value else { return nil }
        return number
    }
}

extension JSONObject {
    /// Reads `text` with the depth that requests are read with.
    init(text: String, depthMax: Int = 32) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), depthMax: depthMax)
    }

    /// What is wrong with `bytes`; nil when they are read.
    static func fault(in bytes: [UInt8], depthMax: Int = 32) -> JSONError? {
        do throws(JSONError) {
            _ = try JSONObject(parsing: bytes, depthMax: depthMax)
            return nil
        } catch {
            return error
        }
    }

    static func fault(in text: String, depthMax: Int = 32) -> JSONError? {
        fault(in: Array(text.utf8), depthMax: depthMax)
    }
}

extension JSONArray {
    init(text: String, depthMax: Int = 32) throws(JSONError) {
        self = try Array(text.utf8).withUnsafeBytes { bytes in
            Result { () throws(JSONError) in try JSONArray(parsing: bytes, depthMax: depthMax) }
        }.get()
    }
}
