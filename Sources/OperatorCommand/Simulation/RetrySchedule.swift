/// When to try again, and how often: for about half a minute altogether.
struct RetrySchedule {
    static let attemptsMax = 10
    private static let pauseMax = Duration.seconds(5)

    private(set) var attempts = 0

    /// Begins the next attempt.
    mutating func begin() {
        attempts += 1
    }

    var isExhausted: Bool { attempts >= Self.attemptsMax }

    /// How long to wait after the last attempt: twice as long each time, and no shorter than was asked for.
    func pause(retryAfterSeconds: Int?) -> Duration {
        let backoff = Duration.milliseconds(100 << min(max(attempts - 1, 0), 16))
        let asked = Duration.seconds(min(max(retryAfterSeconds ?? 0, 0), 60))
        return min(max(backoff, asked), Self.pauseMax)
    }
}
