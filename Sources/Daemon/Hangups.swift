import UnixSignals

/// The SIGHUPs that the process gets.
///
/// One that comes before anybody waits for it is kept.
public struct Hangups: Sendable {
    let signals: UnixSignalsSequence

    public init() async {
        signals = await UnixSignalsSequence(trapping: .sighup)
    }
}
