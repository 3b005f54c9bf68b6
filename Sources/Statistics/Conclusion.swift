/// What the always-valid interval of a difference to the baseline says.
public enum Conclusion: Sendable, Equatable {
    /// The interval lies above 0.
    case better
    /// The interval lies below 0.
    case worse
    /// The interval holds 0. That is not to say that there is no difference.
    case noDifferenceShownYet
    case tooFewConversions(TooFewConversions)

    init(_ alwaysValid: Result<Interval, TooFewConversions>) {
        switch alwaysValid {
        case .failure(let reason): self = .tooFewConversions(reason)
        case .success(let interval) where interval.low > 0: self = .better
        case .success(let interval) where interval.high < 0: self = .worse
        case .success: self = .noDifferenceShownYet
        }
    }
}
