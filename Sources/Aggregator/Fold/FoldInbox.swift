/// What is handed to the fold beside the journal, and the signal that there is something.
public struct FoldInbox: Sendable {
    let signal = FoldSignal()
    let commits = FreshCommits()
    let erasures: Erasures
    let epochs: Epochs
    let answers: PendingAnswers

    public init() {
        let signal = signal
        erasures = Erasures(onRequest: { signal.send() })
        epochs = Epochs(onNew: { signal.send() })
        answers = PendingAnswers(onNew: { signal.send() })
    }

    /// There are new commits in the journal, or what is declared has changed.
    public func somethingIsNew() {
        signal.send()
    }
}
