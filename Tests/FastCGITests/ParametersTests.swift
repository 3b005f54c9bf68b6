import Glibc
import Testing

@testable import FastCGI

@Suite("Parameters")
struct ParametersTests {
    private static let parameters = Parameters([
        ("COOKIE", "first"), ("NAME", "x"), ("COOKIE", "second"), ("EMPTY", ""), ("COOKIE", "third"),
        ("EQUALS", "a=b=c"),
    ])

    @Test("every value of a repeated name is there, in order")
    func all() {
        #expect(
            Self.parameters.all("COOKIE").map { String(decoding: $0, as: UTF8.self) } == ["first", "second", "third"])
        #expect(Self.parameters.all("NAME").map(Array.init) == [Array("x".utf8)])
        #expect(Self.parameters.all("MISSING").isEmpty)
    }

    @Test("the last value of a repeated name counts where one is asked for")
    func last() {
        #expect(Self.parameters.last("COOKIE").map(Array.init) == Array("third".utf8))
        #expect(Self.parameters.text("COOKIE") == "third")
    }

    @Test("a value that is empty is told from one that is missing")
    func empty() {
        #expect(Self.parameters.text("EMPTY") == "")
        #expect(Self.parameters.text("MISSING") == nil)
        #expect(Self.parameters.last("MISSING") == nil)
    }

    @Test("names are compared whole, and by case", arguments: ["NAM", "NAMES", "name", "AME", ""])
    func names(name: String) {
        let parameters = Parameters([(name, "other"), ("NAME", "x")])
        #expect(parameters.text("NAME") == "x")
        #expect(parameters.all("NAME").count == 1)
    }

    @Test("a value may hold equals signs")
    func equals() {
        #expect(Self.parameters.text("EQUALS") == "a=b=c")
    }

    @Test("names and values are counted, and nothing else")
    func byteCount() {
        #expect(Parameters([]).byteCount == 0)
        #expect(Parameters([("AB", "cde"), ("F", ""), ("", "gh")]).byteCount == 8)
    }

    @Test("libfcgi's strings are read as they are, bytes that are no UTF-8 included")
    func environment() throws {
        var strings = [[0x41, 0x3D, 0xFF, 0xFE], Array("B=x=y".utf8), Array("A=2".utf8)].map { bytes in
            strdup((bytes + [0]).map { CChar(bitPattern: $0) })
        }
        defer { strings.forEach { free($0) } }
        strings.append(nil)
        let parameters = strings.withUnsafeMutableBufferPointer { Parameters(environment: $0.baseAddress) }
        #expect(parameters.all("A").map(Array.init) == [[0xFF, 0xFE], [0x32]])
        #expect(parameters.text("B") == "x=y")
        #expect(parameters.byteCount == 3 + 4 + 2)
    }

    @Test("where libfcgi has no strings there are no parameters")
    func noEnvironment() {
        #expect(Parameters(environment: nil).byteCount == 0)
    }

    @Test(
        "a body is held against the length that was announced",
        arguments: [
            ("3", true), ("", true), ("2", false), ("4", false), ("-3", false), ("3x", false), ("three", false),
            ("99999999999999999999", false),
        ])
    func announcedLength(announced: String, isAsAnnounced: Bool) {
        let request = Request(parameters: Parameters([("CONTENT_LENGTH", announced)]), bodyBytes: [1, 2, 3])
        switch request.body {
        case .bytes(let bytes):
            #expect(isAsAnnounced)
            #expect(bytes == [1, 2, 3])
        case .otherLength(let bytes, let told):
            #expect(!isAsAnnounced)
            #expect(bytes == 3)
            #expect(told == announced)
        case .tooLarge:
            Issue.record("three bytes are not too many")
        }
    }

    @Test("a body of no announced length is taken as it is")
    func noAnnouncedLength() {
        guard case .bytes([1]) = Request(parameters: Parameters([]), bodyBytes: [1]).body else {
            Issue.record("the body was not taken")
            return
        }
    }
}
