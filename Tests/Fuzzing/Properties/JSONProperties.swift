import Foundation

@testable import JSON

/// What holds of every JSON text, beside Foundation's reader, which is another hand's.
enum JSONProperties {
    static let depthMax = 32

    static func check(_ bytes: [UInt8]) throws {
        let object: JSONObject
        do throws(JSONError) {
            object = try JSONObject(parsing: bytes, depthMax: depthMax)
        } catch {
            return try checkRefusal(error, of: bytes)
        }
        try checkAccepted(object, bytes)
    }

    private static func checkAccepted(_ object: JSONObject, _ bytes: [UInt8]) throws {
        try hold(refuses(bytes + Array("x".utf8)), "a text with more behind it is refused")
        try hold(!refuses([0x20, 0x0A] + bytes + [0x09, 0x0D]), "white space around a text changes nothing")
        let text = bytes.reversed().drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        try hold(refuses(Array(text.dropFirst().reversed())), "a text without its last bracket is refused")

        let document = try document(bytes)
        let encoded = encode(document)
        try hold(encode(try self.document(encoded)) == encoded, "what was read and written reads the same")

        guard isComparable(bytes) else { return }
        guard let theirs = foundation(bytes) as? [String: Any] else {
            throw PropertyFailure(description: "does not hold: what is accepted Foundation accepts, too")
        }
        try compare(.object(object), theirs)
    }

    /// A refusal has nothing of the text: it is one of a few sentences, with a number.
    private static func checkRefusal(_ error: JSONError, of bytes: [UInt8]) throws {
        try hold((0...bytes.count).contains(error.byteOffset), "a refusal's place is in the text")
        let sentence = JSONError(error.fault, byteOffset: 0).description.replacing("(at byte 0)", with: "")
        try hold(
            error.description == "\(sentence)(at byte \(error.byteOffset))", "a refusal is a sentence and a number")
        let lenient = try? JSONObject(parsing: bytes, depthMax: depthMax, lastOfDuplicatesCounts: true)
        if error.fault == .duplicateMember {
            try hold(isLater(bytes, than: error), "members that come twice are refused where the second one ends")
        } else {
            try hold(lenient == nil, "only duplicates are let through on request")
        }
        guard [.malformed, .trailingText, .truncated, .comment].contains(error.fault) else { return }
        // Foundation takes a text with NULs for UTF-16 or UTF-32.
        guard !bytes.contains(0) else { return }
        // And it lets a comma stand behind the last member.
        let dense = bytes.filter { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard dense.firstRange(of: Array(",}".utf8)) == nil, dense.firstRange(of: Array(",]".utf8)) == nil else {
            return
        }
        try hold(!(foundation(bytes) is [String: Any]), "what is malformed Foundation refuses, too")
    }

    /// Up to the duplicate all was well: what is cut there is too short, and nothing worse.
    private static func isLater(_ bytes: [UInt8], than error: JSONError) -> Bool {
        do {
            _ = try JSONObject(parsing: Array(bytes.prefix(error.byteOffset)), depthMax: depthMax)
            return false
        } catch {
            return error.fault == .duplicateMember
        }
    }

    private static func refuses(_ bytes: [UInt8]) -> Bool {
        (try? JSONObject(parsing: bytes, depthMax: depthMax)) == nil
    }

    private static func document(_ bytes: [UInt8]) throws -> JSONDocument {
        try bytes.withUnsafeBytes { try JSONDocument(parsing: $0, as: .object, depthMax: depthMax) }
    }

    static func foundation(_ bytes: [UInt8]) -> Any? {
        try? JSONSerialization.jsonObject(with: Data(bytes))
    }

    // MARK: Comparing

    /// Foundation leaves out a byte order mark that a string begins with.
    static func isComparable(_ bytes: [UInt8]) -> Bool {
        let lowercased = bytes.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }
        return bytes.firstRange(of: [0xEF, 0xBB, 0xBF]) == nil
            && lowercased.firstRange(of: Array("\\ufeff".utf8)) == nil
    }

    private static func compare(_ ours: JSONValue, _ theirs: Any) throws {
        switch ours {
        case .object(let object): try compare(object, theirs)
        case .array(let array):
            let elements = theirs as? [Any]
            try hold(elements?.count == array.count, "an array has as many elements as Foundation's")
            for (ours, theirs) in zip(array, elements ?? []) { try compare(ours, theirs) }
        case .string(let text):
            try hold((theirs as? String).map { Array($0.utf8) } == Array(text.utf8), "a string is Foundation's")
        case .number(let number):
            // Foundation's is of a decimal number with 38 places, and not always the nearest double.
            let distance = (theirs as? NSNumber).map { abs($0.doubleValue - number) } ?? .infinity
            try hold(distance <= abs(number) * 1e-15, "\(number) is Foundation's \(theirs)")
        case .bool(let value): try hold(theirs as? Bool == value, "a truth value is Foundation's")
        case .null: try hold(theirs is NSNull, "null is Foundation's")
        }
    }

    private static func compare(_ object: JSONObject, _ theirs: Any) throws {
        guard let members = theirs as? [String: Any] else {
            throw PropertyFailure(description: "does not hold: an object is Foundation's")
        }
        // Foundation takes names for the same that read the same, whichever way accents are spelt.
        if members.count < object.count, members.keys.contains(where: { !$0.utf8.allSatisfy { $0 < 0x80 } }) { return }
        try hold(members.count == object.count, "an object has as many members as Foundation's")
        for (name, value) in members {
            guard let ours = object[name] else {
                throw PropertyFailure(description: "does not hold: every member of Foundation's is found")
            }
            try compare(ours, value)
        }
    }

    // MARK: Writing

    /// The text of what was read, without white space and without escapes that need not be.
    private static func encode(_ document: JSONDocument) -> [UInt8] {
        var text: [UInt8] = []
        var index = 0
        encode(document, &index, into: &text)
        return text
    }

    private static func encode(_ document: JSONDocument, _ index: inout Int, into text: inout [UInt8]) {
        let node = document.nodes[index]
        index += 1
        switch node.kind {
        case .object:
            text.append(UInt8(ascii: "{"))
            for place in 0..<node.count {
                if place > 0 { text.append(UInt8(ascii: ",")) }
                encode(document, &index, into: &text)
                text.append(UInt8(ascii: ":"))
                encode(document, &index, into: &text)
            }
            text.append(UInt8(ascii: "}"))
        case .array:
            text.append(UInt8(ascii: "["))
            for place in 0..<node.count {
                if place > 0 { text.append(UInt8(ascii: ",")) }
                encode(document, &index, into: &text)
            }
            text.append(UInt8(ascii: "]"))
        case .string, .escapedString: text += quoted(document.bytes.withUnsafeBytes { node.text(in: $0) })
        case .number: text += document.bytes.withUnsafeBytes { Array(node.source(in: $0)) }
        case .true: text += Array("true".utf8)
        case .false: text += Array("false".utf8)
        case .null: text += Array("null".utf8)
        }
    }

    static func quoted(_ text: [UInt8]) -> [UInt8] {
        var quoted: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): quoted += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: quoted += Array((byte < 16 ? "\\u000" : "\\u00").utf8) + Array(String(byte, radix: 16).utf8)
            default: quoted.append(byte)
            }
        }
        return quoted + [UInt8(ascii: "\"")]
    }
}
