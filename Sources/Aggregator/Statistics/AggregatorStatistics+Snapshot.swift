import ForwardProtocol
import Records
import Storage

extension AggregatorStatistics {
    /// The figures at one moment. Counts are since the start of the process.
    public struct Snapshot: Sendable {
        /// Those that are connected, in the order in which they came.
        public var responders: [ConnectedResponder] = []
        /// Records that have arrived and are not answered for yet.
        public var recordsInFlight = 0
        /// How long each commit took, its sync included.
        public var commitSeconds = Histogram(bounds: [
            0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
        ])
        /// How many records, and how many bytes of them, each commit made durable.
        public var commitRecords = Histogram(bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096])
        public var commitBytes = Histogram(bounds: [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304])
        /// Records that were in the journal already when they arrived.
        public var duplicates = 0
        /// Records refused because there was no room.
        public var refused = 0
        /// Records whose time could not be, and was set right.
        public var timesSetRight = 0
        /// Records that were counted under `DimensionName.other`.
        public var overflow = FoldOverflow()
        /// How many records were counted whose ids or names are evidently mistakes.
        public var mistakes: [MistakeKind: Int] = [:]
        /// What responders answered.
        public var answers: [TallyEntry.Kind: UInt64] = [:]

        public var commits: Int { commitRecords.count }
        /// Records that were made durable.
        public var records: Int { Int(commitRecords.sum) }
    }
}

/// A mistake in records: whose, in which field, and what it is. It holds nothing of what the field says.
public struct MistakeKind: Hashable, Sendable {
    public let site: String
    public let field: Event.Field
    public let mistake: EvidentMistake
}

/// A responder that is connected.
public struct ConnectedResponder: Sendable, Identifiable {
    /// Counts the connections since the start.
    public let id: Int
    public let processID: Int32
    /// What it has told of itself last; nil while it has not.
    public var status: ResponderStatus?
    /// The responder's time of day less this process's, as the last status came: it holds the time on the way, and grows
    /// for a moment where this process was held up.
    public var clockDifferenceMilliseconds: Int64?
}
