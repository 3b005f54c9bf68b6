import Analytics
import Testing

@Suite("What is wrong with an aggregator")
struct StatusSignsTests {
    private func signs(_ change: (inout StatusReport) -> Void) -> [StatusReport.Sign] {
        var report = StatusReport()
        report.responders = [StatusReport.Responder()]
        change(&report)
        return report.signs
    }

    @Test("nothing, where all is well")
    func none() {
        #expect(signs { $0.foldAgeMilliseconds = 60_000 } == [])
    }

    @Test("each thing by itself, as bad as it is")
    func each() {
        expect(.critical, "No responder is connected") { $0.responders = [] }
        expect(.critical, "2 hours behind the last records") { $0.clockDoubtMilliseconds = -7_200_000 }
        expect(.warning, "more than a minute behind") { $0.foldAgeMilliseconds = 60_001 }
        expect(.note, "1 record had a time") { $0.timesSetRight = 1 }
        expect(.note, "2 records found the disk full") { $0.refused = 2 }
    }

    private func expect(
        _ severity: StatusReport.Severity, _ text: String, sourceLocation: SourceLocation = #_sourceLocation,
        where change: (inout StatusReport) -> Void
    ) {
        let found = signs(change)
        #expect(found.map(\.severity) == [severity], sourceLocation: sourceLocation)
        #expect(
            found.allSatisfy { $0.text.contains(text) && !$0.help.isEmpty }, "\(found)", sourceLocation: sourceLocation)
    }

    @Test("the worst comes first")
    func order() {
        let found = signs {
            $0.responders = []
            $0.timesSetRight = 1
            $0.foldAgeMilliseconds = 100_000
        }
        #expect(found.map(\.severity) == [.critical, .warning, .note])
    }
}
