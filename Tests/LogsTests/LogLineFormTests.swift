import Logging
import Testing

@testable import Logs

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
