import Logging
import TestSupport
import Testing

@testable import Daemon

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

@Suite("The form of a log line")
struct LogLineFormTests {
    @Test(
        "for the journal a line begins with the level as syslog numbers it",
        arguments: [
            (.critical, 2), (.error, 3), (.warning, 4), (.notice, 5), (.info, 6), (.debug, 7), (.trace, 7),
        ] as [(Logger.Level, Int)])
    func journal(level: Logger.Level, priority: Int) {
        let handler = DaemonLogHandler(name: "daemon", form: .journal)
        #expect(
            handler.lines(of: "one\ntwo", level: level, time: "2026-11-23T09:30:00Z")
                == "<\(priority)>one\n<\(priority)>two\n")
    }

    @Test("standard error is the journal only where systemd says that very file is")
    func detection() {
        #expect(LogLineForm.ofStandardError() == .plain)
    }
}

@Suite("The limit on log lines")
struct LogLimiterTests {
    private var limiter = LogLimiter<String>()

    @Test("the first line of a kind is written at once")
    mutating func first() {
        #expect(limiter.admit("a", nowMilliseconds: 0) == 0)
        #expect(limiter.admit("b", nowMilliseconds: 0) == 0)
    }

    @Test("further lines of that kind are left out for a second", arguments: [0, 1, 500, 999] as [Int64])
    mutating func within(later: Int64) {
        #expect(limiter.admit("a", nowMilliseconds: 5000) == 0)
        #expect(limiter.admit("a", nowMilliseconds: 5000 + later) == nil)
    }

    @Test("the line after a second says how many were left out since the last one")
    mutating func after() {
        #expect(limiter.admit("a", nowMilliseconds: 5000) == 0)
        for later in 0..<7 as Range<Int64> { _ = limiter.admit("a", nowMilliseconds: 5100 + later) }
        #expect(limiter.admit("a", nowMilliseconds: 6000) == 7)
        #expect(limiter.admit("a", nowMilliseconds: 7999) == nil)
        #expect(limiter.admit("a", nowMilliseconds: 8000) == 1)
        #expect(limiter.admit("a", nowMilliseconds: 20_000) == 0)
    }

    @Test("while lines keep coming they are written less and less often, down to one a minute, until they pause")
    mutating func keepsComing() {
        let written = (0..<400 as Range<Int64>).filter { second in
            limiter.admit("a", nowMilliseconds: second * 1000) != nil
        }
        #expect(written == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 363])
        #expect(limiter.admit("a", nowMilliseconds: 600_000) == 36)
        #expect(limiter.admit("a", nowMilliseconds: 601_000) == 0)
    }

    @Test("kinds are counted by themselves")
    mutating func kinds() {
        _ = limiter.admit("a", nowMilliseconds: 0)
        _ = limiter.admit("a", nowMilliseconds: 1)
        #expect(limiter.admit("b", nowMilliseconds: 2) == 0)
        #expect(limiter.admit("b", nowMilliseconds: 3) == nil)
        #expect(limiter.admit("a", nowMilliseconds: 1000) == 1)
        #expect(limiter.admit("b", nowMilliseconds: 1002) == 1)
    }

    @Test("a clock that goes back lets nothing more through")
    mutating func back() {
        _ = limiter.admit("a", nowMilliseconds: 5000)
        #expect(limiter.admit("a", nowMilliseconds: 0) == nil)
    }

    @Test("what is logged is the message, with a note where lines were left out, at the level asked for")
    mutating func log() {
        let recorder = LogRecorder()
        for time in [0, 10, 20, 1000, 5000] as [Int64] {
            limiter.log("a", "at \(time)", level: .error, to: recorder.logger, nowMilliseconds: time)
        }
        limiter.log("b", "as usual", to: recorder.logger, nowMilliseconds: 0)
        #expect(
            recorder.lines == [
                "error: at 0", "error: at 1000 (2 more like it since the last such line)", "error: at 5000",
                "warning: as usual",
            ])
    }

    @Test("a message that is left out is not even made")
    mutating func lazy() {
        let recorder = LogRecorder()
        var made = 0
        func message() -> String {
            made += 1
            return "message"
        }
        for time in 0..<5 as Range<Int64> {
            limiter.log("a", message(), to: recorder.logger, nowMilliseconds: time)
        }
        #expect(made == 1)
    }
}
