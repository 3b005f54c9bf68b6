/// What became of a record that was to be forwarded.
enum ForwardingFate: Sendable, Equatable {
    /// It is durable on the aggregator's disk.
    case durable
    case tooManyInFlight
    case aggregatorAway
    case deadlinePassed
    case journalFull
}
