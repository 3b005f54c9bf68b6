import Glibc

/// Whether requests are refused more often under some of a group's outcomes than under others. Conversions that were
/// refused are missing from the counts, and if they are missing from one outcome more than from another, rates cannot
/// be compared.
///
/// Without such a difference a request's outcome does not depend on whether it is refused, even if refusals come and go
/// with the day. So for each outcome in turn: how well is it told whether a request is of that outcome by two shares,
/// one among those refused and one among those accepted, as compared with the one share among all that fits best? The
/// two are averaged over Jeffreys's prior, the one has the benefit of hindsight, whatever it truly is; that keeps the
/// expectation below 1. The answers for all outcomes are averaged, which keeps it there.
///
/// Source: Wasserman, Ramdas, Balakrishnan, Universal inference, Proceedings of the National Academy of Sciences 117
/// (2020), 16880–16890; the averages over the prior are those of Krichevsky, Trofimov, The performance of
/// universal encoding, IEEE Transactions on Information Theory 27 (1981), 199–207.
public enum RefusalTest {
    /// How much the counts speak for a difference. `arms` has for each outcome how many of its requests were refused.
    public static func evidence(_ arms: [Proportion]) -> Evidence {
        let refused = arms.reduce(0.0) { $0 + Double($1.successes) }
        let accepted = arms.reduce(0.0) { $0 + Double($1.failures) }
        guard refused + accepted > 0 else { return Evidence(logFactor: 0) }
        return Evidence.mean(
            arms.map { Evidence(logFactor: logFactor($0, refused: refused, accepted: accepted)) })
    }

    /// Of one arm against all the rest. The rest's requests are added up from the two kinds, so that no kind can have
    /// some of them where the sum, rounded, has none.
    private static func logFactor(_ arm: Proportion, refused: Double, accepted: Double) -> Double {
        let (refusedHere, acceptedHere) = (Double(arm.successes), Double(arm.failures))
        let (here, rest) = (refusedHere + acceptedHere, (refused - refusedHere) + (accepted - acceptedHere))
        let shares = (here / (here + rest), rest / (here + rest))
        return logFactor(refusedHere, of: refused, shares: shares)
            + logFactor(acceptedHere, of: accepted, shares: shares)
    }

    /// ln of B(x + ½, y + ½) / (π p^x q^y), where y is the rest of `total` and p and q the shares; 0 of none.
    private static func logFactor(_ x: Double, of total: Double, shares: (Double, Double)) -> Double {
        guard total > 0 else { return 0 }
        let y = total - x
        let deviance =
            Deviance.term(observed: x, expected: total * shares.0)
            + Deviance.term(observed: y, expected: total * shares.1)
        let price = log(Double.pi * total / 2) / 2 + Stirling.error(total)
        return deviance - price + Stirling.halfError(x) + Stirling.halfError(y)
    }
}
