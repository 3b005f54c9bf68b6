extension StatusReport {
    /// Something that is not as it should be.
    public struct Sign: Sendable, Equatable {
        public let severity: Severity
        /// A sentence.
        public let text: String
        /// What it means, or what to do; sentences.
        public let help: String
    }

    public enum Severity: Int, Sendable, Comparable {
        /// It happened at some time since the aggregator was started, and may be over.
        case note = 0
        /// Something is late, and nothing that is recorded now is lost.
        case warning = 1
        /// Nothing is recorded, or is dated by a clock that is not known to be right.
        case critical = 2

        public static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
    }

    /// What is wrong, the worst first; empty where all is well.
    public var signs: [Sign] {
        var signs: [Sign] = []
        if responders.isEmpty {
            signs.append(
                Sign(
                    severity: .critical, text: "No responder is connected, so nothing is recorded.",
                    help: "See whether rule-outcomes-responder runs; its log says why it is not connected."))
        }
        if let doubt = clockDoubtMilliseconds {
            signs.append(
                Sign(
                    severity: .critical,
                    text: "The aggregator’s clock is \(Self.distance(milliseconds: Int64(doubt))) the last records.",
                    help:
                        "It is not believed, and nothing is erased meanwhile. Set it; if it is right, Operations says how to "
                        + "tell the aggregator."))
        }
        if foldAgeMilliseconds > Self.foldAgeMillisecondsMax {
            signs.append(
                Sign(
                    severity: .warning, text: "Reports are more than a minute behind.",
                    help: "What is recorded is safe. The aggregator’s log says what keeps it from counting."))
        }
        if timesSetRight > 0 {
            signs.append(
                Sign(
                    severity: .note, text: "\(Self.records(timesSetRight)) had a time that cannot be.",
                    help: "They count at the time at which they came. Set the clocks of the responders’ machines."))
        }
        if refused > 0 {
            signs.append(
                Sign(
                    severity: .note,
                    text: "\(Self.records(refused)) found the disk full, or the journal held, and were answered 503.",
                    help:
                        "That is since the aggregator was started. Make room on the disk; whoever sends again is counted once."
                ))
        }
        return signs
    }

    private static let foldAgeMillisecondsMax = 60_000

    private static func records(_ count: Int) -> String {
        count == 1 ? "1 record" : "\(count) records"
    }
}
