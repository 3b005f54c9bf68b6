import Glibc
import Testing

@testable import FastCGI

@Suite("Parameters")
struct ParametersTests {
    private let parameters = Parameters([
        ("COOKIE", "first"), ("NAME", "x"), ("COOKIE", "second"), ("EMPTY", ""), ("COOKIE", "third"),
        ("EQUALS", "a=b=c"),
    ])

    @Test("every value of a repeated name is there, in order")
    func all() {
        #expect(
            parameters.all("COOKIE").map { String(decoding: $0, as: UTF8.self) } == ["first", "second", "third"])
        #expect(parameters.all("NAME").map(Array.init) == [Array("x".utf8)])
        #expect(parameters.all("MISSING").isEmpty)
    }

    @Test("the last value of a repeated name counts where one is asked for")
    func last() {
        #expect(parameters.last("COOKIE").map(Array.init) == Array("third".utf8))
        #expect(parameters.text("COOKIE") == "third")
    }

    @Test("a value that is empty is told from one that is missing")
    func empty() {
        #expect(parameters.text("EMPTY") == "")
        #expect(parameters.text("MISSING") == nil)
        #expect(parameters.last("MISSING") == nil)
    }

    @Test("names are compared whole, and by case", arguments: ["NAM", "NAMES", "name", "AME", ""])
    func names(name: String) {
        let parameters = Parameters([(name, "other"), ("NAME", "x")])
        #expect(parameters.text("NAME") == "x")
        #expect(parameters.all("NAME").count == 1)
    }

    @Test("a value may hold equals signs")
    func equals() {
        #expect(parameters.text("EQUALS") == "a=b=c")
    }

    @Test("a walk meets every pair, in order")
    func walk() {
        var pairs: [String] = []
        Parameters([("AB", "cde"), ("F", ""), ("", "gh")]).forEach {
            pairs.append(String(decoding: $0, as: UTF8.self) + ":" + String(decoding: $1, as: UTF8.self))
        }
        #expect(pairs == ["AB:cde", "F:", ":gh"])
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
    }

    @Test("where libfcgi has no strings there are no parameters")
    func noEnvironment() {
        Parameters(environment: nil).forEach { _, _ in Issue.record("there is one") }
    }

    @Test(
        "a body is held against the length that was announced",
        arguments: [
            ("3", true), ("", true), ("2", false), ("4", false), ("-3", false), ("3x", false), ("three", false),
            ("99999999999999999999", false),
        ])
    func announcedLength(announced: String, isAsAnnounced: Bool) {
        let body = ([1, 2, 3] as [UInt8]).withUnsafeBytes { bytes in
            HandledRequest(
                Request(
                    parameters: Parameters([("CONTENT_LENGTH", announced)]),
                    bodyBytes: UnsafeRawBufferPointer(rebasing: bytes[..<3]))
            ).body
        }
        switch body {
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
        let request = ([1] as [UInt8]).withUnsafeBytes {
            HandledRequest(Request(parameters: Parameters([]), bodyBytes: $0))
        }
        #expect(request.bodyBytes == [1])
    }
}

extension Parameters {
    /// Every value that `name` was given, in order.
    fileprivate func all(_ name: StaticString) -> [UnsafeRawBufferPointer] {
        var values: [UnsafeRawBufferPointer] = []
        forEach { if $0.reads(name) { values.append($1) } }
        return values
    }

    fileprivate func text(_ name: StaticString) -> String? {
        last(name).map { String(decoding: $0, as: UTF8.self) }
    }
}
