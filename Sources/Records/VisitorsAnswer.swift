/// Which answers say something of visitors. Anybody can send a request that is refused before its credential is checked, of
/// one outcome and as often as he likes; nothing is to be concluded from how many those are.
public enum VisitorsAnswer {
    /// Whether a visitor's record was lost, as far as anybody can know.
    ///
    /// Of requests: what was refused after the credential had passed, which is any 503 but for a session that nobody could be
    /// asked about; and a token that the site had made and that was too old, since its signature is checked before. Of nginx's
    /// log, which nobody else writes: all that was passed over but what was excluded and what had no cookie, as programs' have.
    public static func isLost(door: Door?, status: Int, reason: String) -> Bool {
        switch door {
        case nil: false
        case .log: !["durable", "empty", "tracking-id"].contains(reason) && !reason.hasPrefix("excluded:")
        case .conversions, .exposures: reason == "expired" || (status == 503 && reason != "session-unavailable")
        }
    }

    /// Whether what was asked for is recorded.
    public static func isRecorded(reason: String) -> Bool { reason == "durable" }
}
