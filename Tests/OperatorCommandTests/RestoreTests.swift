import ConfigurationFile
import Testing

@testable import Backup
@testable import OperatorCommand

@Suite("What restore says")
struct RestoreTests {
    private static let dayMilliseconds: Int64 = 86_400_000

    private func lines(daysAfterLastCommit days: Int64, replaced: String? = "/data/replaced-1") -> [String] {
        let last: Int64 = 1_790_000_000_000
        let contents = BackupContents(
            lastSequence: 12, countedSequence: 10, commits: 8, records: 90, lastMilliseconds: last,
            byteCount: 5 << 20, epoch: nil)
        return RestoreCommand.lines(
            Restoration(source: "/backups/1", contents: contents, replaced: replaced, owner: "somebody"),
            nowMilliseconds: last + days * Self.dayMilliseconds)
    }

    @Test("up to when the backup goes, where the old files are, and what comes next")
    func plain() {
        #expect(
            lines(daysAfterLastCommit: 31) == [
                "restored /backups/1: verified, 5 MiB, up to commit 12 of 2026-09-21T14:13:20.000Z, all but 2 counted; the journal "
                    + "has 90 records in 8 commits",
                "what was there before is in /data/replaced-1; delete it when all is well",
                "next: systemctl start rule-outcomes-aggregator, then look at a report",
            ])
        #expect(lines(daysAfterLastCommit: 0, replaced: nil).count == 2)
    }

    @Test("that an aggregator would not believe the clock, and how it is started then")
    func clock() {
        let lines = lines(daysAfterLastCommit: 32)
        #expect(lines[2].hasPrefix("this machine's clock is 32 days ahead of its last commit"))
        #expect(lines[3] == "  runuser -u somebody -- rule-outcomes-aggregator --trust-clock")
        #expect(
            self.lines(daysAfterLastCommit: -2)[2].hasPrefix("this machine's clock is 2 days behind its last commit"))
    }
}
