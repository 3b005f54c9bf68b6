import Testing

@testable import OperatorCommand

@Suite struct LifetimeTests {
    @Test(
        "A number is seconds, or what its unit says",
        arguments: [
            ("90", 90), ("90s", 90), ("15m", 900), ("1h", 3600), ("7d", 604_800), ("0", 0), ("-5m", -300),
            ("36600d", 3_162_240_000),
        ])
    func read(text: String, seconds: Int64) {
        #expect(Lifetime(argument: text)?.seconds == seconds)
    }

    @Test(
        "Anything else is refused",
        arguments: [
            "", "h", "1.5h", "1 h", "1hour", "+5m", "5w", "1h30m", "--5", "0x10", "36601d", "99999999999999999999",
            "9223372036854775807d",
        ])
    func refused(text: String) {
        #expect(Lifetime(argument: text) == nil)
    }

    @Test(
        "It is written in the largest unit that fits, and read again as the same",
        arguments: [0, 1, 90, 900, 3600, 604_800])
    func written(seconds: Int64) {
        let lifetime = Lifetime(seconds: seconds)
        #expect(Lifetime(argument: lifetime.description) == lifetime)
        #expect(Lifetime(seconds: 3600).description == "1h")
    }
}
