import Analytics
import ArgumentParser
import ConfigurationFile
import Daemon
import Glibc
import Journal
import Storage

struct RecountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recount",
        abstract: "Count anew what the journal still holds.",
        discussion: """
            For a store that is gone or damaged, so that the aggregator does not start, or that counts what it should not. What is \
            counted already and the journal has no longer, which keeps a commit for seven days after it was counted, is \
            lost by it: the command says from when on there is something, and wants a yes. Where there is a backup, restore \
            that instead. It mends nothing that is wrong with the journal.

            The store is moved to store.before-recount in the data directory, and an empty one takes its place. Then the aggregator \
            records and counts as always, and the command shows how far it has come; ending it ends nothing. Until \
            then reports lack what is not counted yet. What was hidden stays hidden, and what was erased or deleted does not \
            come back; groups begin anew. Delete store.before-recount once you have looked at a report: it has all that was in the \
            store, and no erasure reaches it.

            As root, with the default configuration, it stops and starts the aggregator by systemd, where that has its unit. \
            Otherwise stop the aggregator first, run this as root or as its user, and start it when you are told.

            Examples:
              sudo rule-outcomes recount
            """)

    @OptionGroup var configuration: ConfigurationOptions

    @Flag(help: "Do not ask.")
    var yes = false

    func run() async throws {
        let aggregator = try configuration.load().aggregator
        let replacement: StoreReplacement
        do {
            replacement = try StoreReplacement(directory: aggregator.dataDirectory)
            Output.error.write(Self.explanation(try replacement.extent()))
            if !yes {
                Output.error.write("Type recount to go on: ")
                guard readLine() == "recount" else { throw CommandFailure.negative("nothing is changed") }
            }
            let supervision = configuration.config == Configuration.defaultPath ? await Supervision() : nil
            for note in try await replace(replacement, supervision) {
                Output.error.write("\(note.escapedForTerminal)\n")
            }
            let next =
                supervision == nil ? "start the aggregator as always; this waits for it" : "the aggregator is started"
            Output.error.write("the store is kept in \(replacement.aside); \(next)\n")
        } catch let error where error is JournalError || error is StorageError {
            throw CommandFailure.data("\(error)")
        }
        try await waitUntilCounted(AnalyticsClient(socket: aggregator.analyticsSocket))
        Output.standard.write(
            "all is counted anew; look at a report, then delete \(replacement.aside), which no erasure reaches\n")
    }

    /// Whatever fails, an aggregator that was running runs again.
    private func replace(
        _ replacement: StoreReplacement, _ supervision: Supervision?
    ) async throws -> [String] {
        guard let supervision else { return try await replacement.run() }
        let wasActive = await supervision.isActive
        // Who is called away meanwhile does not leave it stopped.
        let handlers = [SIGHUP, SIGINT, SIGTERM].map { ($0, signal($0, SIG_IGN)) }
        defer { for (number, handler) in handlers { signal(number, handler) } }
        do {
            try await supervision.stop()
            let notes = try await replacement.run()
            try await supervision.start()
            return notes
        } catch {
            if wasActive { try? await supervision.start() }
            throw error
        }
    }

    static func explanation(_ extent: JournalExtent) -> String {
        let count = extent.last - extent.start
        let besides =
            "How requests were answered is counted nowhere else and is lost, and declared groups begin anew.\n"
        guard extent.start > 0 else { return "The journal has all \(count) commits that there ever were.\n" + besides }
        let first = extent.firstMilliseconds.map { " from \(Timestamp(milliseconds: $0).brief) (UTC) on" } ?? ""
        return
            "The journal has \(count) commits\(first). The \(extent.start) before these are counted no more after this.\n"
            + besides
    }

    /// After how many questions in vain, five a second, it is said why.
    private static let failuresTold = 50

    /// Shows how far it has come, a line for each percent.
    private func waitUntilCounted(_ client: AnalyticsClient) async throws {
        var goal: Int64?
        var shown: Int64 = -1
        var failures = 0
        while true {
            // Until it serves there is nobody to ask.
            let status: StatusReport?
            do throws(CommandFailure) {
                status = try await client.status()
                failures = 0
            } catch {
                status = nil
                failures += 1
                if failures == Self.failuresTold { Output.error.write("\(error.text); this waits for it\n") }
            }
            if let status {
                let end = goal ?? status.journalSequence
                goal = end
                let percent = end == 0 ? 100 : min(100, status.foldedSequence * 100 / end)
                if percent != shown { Output.error.write("counted up to commit \(status.foldedSequence) of \(end)\n") }
                shown = percent
                if status.foldedSequence >= end { return }
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
