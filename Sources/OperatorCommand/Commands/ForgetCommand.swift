import ArgumentParser
import ConfigurationFile
import Credentials
import Daemon
import EventLoop
import Glibc
import Records

struct ForgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Erase visitors.",
        discussion: """
            Reads tracking ids, the values of the cookie blaize_tracking_id, on standard input, one a line, and erases what \
            the aggregator keeps of them: from its store and from its journal, for every rule version. What was counted of \
            them stays counted, as numbers that say nothing of anybody. The ids themselves are kept nowhere, and not shown.

            It needs the subject secret and both of the aggregator's sockets, so run it as the responder's user. It returns when \
            nothing is left in any file, and says on standard error what it is doing or waiting for: a program that reads \
            the files, such as a backup, keeps what was in them until it ends. When this command is ended after it \
            said "erasing", the aggregator goes on. Backups, and what restore moved aside, are for you to see to. Who visits again is recorded again, unless nginx excludes \
            them.

            Examples:
              sudo -u rule-outcomes rule-outcomes forget < ids.txt
              echo 3c0a1f2e-8d5b-4c6f-9a7e-112233445566 | sudo -u rule-outcomes rule-outcomes forget --site magazine.example
            """)

    @Option(
        help: """
            The site whose visitors they are. Without it they are erased from every site, those that the configuration no \
            longer has and the aggregator has records of among them.
            """)
    var site: String?

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let configuration = try options.load()
        let analytics = AnalyticsClient(socket: configuration.aggregator.analyticsSocket)
        var sites = try await sites(of: configuration, analytics)
        let trackingIDs = try TrackingIDInput.read()
        let key = try Self.key(configuration)
        let client = try ForgettingClient(socket: configuration.aggregator.socket, epoch: key.epoch)
        var done: Set<String> = []
        var count = 0
        repeat {
            let subjects = sites.sorted().flatMap { site in
                trackingIDs.map { key.subject(site: site, trackingID: $0) }
            }
            count += try client.forget(subjects) { text in
                Output.error.write("\(text.escapedForTerminal)\n")
            }
            done.formUnion(sites)
            // All that was durable is counted by now, so a site that was only in the journal is known.
            sites = site == nil ? try await Self.recordedSites(analytics).subtracting(done) : []
        } while !sites.isEmpty
        Output.standard.write(Self.summary(ids: trackingIDs.count, rules: count) + "\n")
    }

    /// A site that was taken out of the configuration, or renamed there, still has its visitors in the aggregator's files.
    private func sites(
        of configuration: Configuration, _ analytics: AnalyticsClient
    ) async throws(CommandFailure) -> Set<String> {
        if let site, configuration.sites[site] != nil { return [site] }
        let recorded = try await Self.recordedSites(analytics)
        let strangers = recorded.subtracting(configuration.sites.keys)
        guard let site else {
            for stranger in strangers.sorted() {
                Output.error.write(
                    "'\(stranger.escapedForTerminal)' is not in the configuration any more; its visitors are erased, too\n"
                )
            }
            return recorded.union(configuration.sites.keys)
        }
        guard strangers.contains(site) else {
            _ = try ConfigurationOptions.site(site, of: configuration)
            return [site]
        }
        return [site]
    }

    /// The sites that the aggregator has records of.
    private static func recordedSites(_ analytics: AnalyticsClient) async throws(CommandFailure) -> Set<String> {
        Set(try await analytics.status().dimensions.map(\.site))
    }

    private static func key(_ configuration: Configuration) throws(CommandFailure) -> SubjectKey {
        do {
            return SubjectKey(secret: try SubjectSecret(file: configuration.responder.subjectSecret).bytes)
        } catch {
            throw .configuration(ConfigurationErrors([error]))
        }
    }

    static func summary(ids: Int, rules: Int) -> String {
        let visitors = ids == 1 ? "1 tracking id" : "\(ids) tracking ids"
        guard rules > 0 else { return "\(visitors): nothing was kept" }
        return "\(visitors): erased, \(rules) counting once for each rule version"
    }
}

/// A connection to the aggregator's socket, on which it is asked to erase subjects.
final class ForgettingClient {
    private let descriptor: CInt
    private let path: String

    /// Connects and is welcomed.
    init(socket path: String, epoch: SubjectEpoch) throws(CommandFailure) {
        descriptor = try Self.connect(path)
        self.path = path
        // Waiting is all there is to do here.
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
        try send(ResponderFrame.encodeHello(epoch: epoch))
    }

    private static func connect(_ path: String) throws(CommandFailure) -> CInt {
        do {
            return try UnixSocketPath(path).connect()
        } catch {
            throw .unavailable(
                "the aggregator at \(path) cannot be reached: \(error); is it running, and may this user connect?")
        }
    }

    deinit {
        close(descriptor)
    }

    /// Returns how many there were, counted once for each rule version, when nothing is left of them. Meanwhile `progress`
    /// is told what is being done, or waited for.
    func forget(_ subjects: [Subject], progress: (String) -> Void) throws(CommandFailure) -> Int {
        var arrived = FrameBuffer()
        guard case .welcome = try next(&arrived) else { throw unexpected() }
        var count = 0
        var rest = subjects[...]
        while !rest.isEmpty {
            let some = rest.prefix(ResponderFrame.subjectsMax)
            rest = rest.dropFirst(some.count)
            try send(ResponderFrame.encodeForget(Array(some)))
            count += try answer(&arrived, progress)
        }
        return count
    }

    private func answer(_ arrived: inout FrameBuffer, _ progress: (String) -> Void) throws(CommandFailure) -> Int {
        while true {
            switch try next(&arrived) {
            case .erasing(let text): progress(text)
            case .forgotten(let count): return Int(count)
            default: throw unexpected()
            }
        }
    }

    private func next(_ arrived: inout FrameBuffer) throws(CommandFailure) -> AggregatorFrame {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            let frame: AggregatorFrame?
            do {
                frame = try arrived.next(AggregatorFrame.init(decoding:))
            } catch {
                throw unexpected()
            }
            if case .closing(let reason) = frame {
                throw .unavailable("the aggregator at \(path) closes the connection: \(reason)")
            }
            if let frame { return frame }
            let count = recv(descriptor, &bytes, bytes.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw .unavailable(
                    "the aggregator at \(path) ended the connection before it said that all was erased; does its "
                        + "allowedPeers name this user? Its log may say more. What it had begun it goes on with at its "
                        + "next start; give the command again to hear that nothing is left")
            }
            bytes.withUnsafeBytes { arrived.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }

    private func send(_ bytes: [UInt8]) throws(CommandFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private func unexpected() -> CommandFailure {
        .unavailable("the aggregator at \(path) answers something else; run programs of one release")
    }
}

/// Tracking ids from standard input, one a line.
enum TrackingIDInput {
    /// Every line must be one; an error names the line by its number, and never quotes it.
    static func read() throws(CommandFailure) -> [TrackingID] {
        var lines: [String] = []
        while let line = readLine() { lines.append(line) }
        return try parse(lines)
    }

    /// As a browser shows the cookie, so quotes around one are no part of it. Empty lines are passed over, and so is a
    /// carriage return at a line's end.
    static func parse(_ lines: [String]) throws(CommandFailure) -> [TrackingID] {
        var ids: [TrackingID] = []
        for (index, line) in lines.enumerated() {
            var bytes = Array(line.utf8)[...]
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            guard !bytes.isEmpty else { continue }
            do throws(TrackingID.Fault) {
                ids.append(try TrackingID(cookieValue: bytes))
            } catch {
                throw .data(
                    "line \(index + 1) is no tracking id: one is 1 to \(Limits.trackingIDBytesMax) bytes, without spaces, "
                        + "quotes, commas, semicolons or backslashes; nothing is erased")
            }
        }
        guard !ids.isEmpty else { throw .data("no tracking id on standard input; write one a line") }
        return ids
    }
}
