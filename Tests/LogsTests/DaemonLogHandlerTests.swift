import Logging
import Testing

@testable import Logs

@Suite("The daemons' log")
struct DaemonLogHandlerTests {
    private let handler = DaemonLogHandler(name: "daemon")

    @Test("a line is time, level, the daemon's name, and the message")
    func line() {
        #expect(lines(of: "all is well") == "2026-11-23T09:30:00Z warning daemon: all is well\n")
    }

    @Test(
        "a message of several lines is as many events",
        arguments: ["\n", "\r\n", "\r", "\n\n", "\u{85}", "\u{2028}"])
    func severalLines(separator: String) {
        #expect(
            lines(of: "one\(separator)two")
                == "2026-11-23T09:30:00Z warning daemon: one\n2026-11-23T09:30:00Z warning daemon: two\n")
    }

    @Test("a line's end at the end makes no empty event", arguments: ["one\n", "\none", "one\r\n"])
    func outerNewline(message: String) {
        #expect(lines(of: message) == "2026-11-23T09:30:00Z warning daemon: one\n")
    }

    @Test("what is not worth telling an operator is left out unless asked for")
    func level() {
        #expect(handler.logLevel == .info)
    }

    private func lines(of message: String) -> String {
        handler.lines(of: message, level: .warning, time: "2026-11-23T09:30:00Z")
    }
}
