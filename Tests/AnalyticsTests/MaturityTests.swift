import Storage
import Testing

@testable import Analytics

@Suite("Which exposures are maturing")
struct MaturityTests {
    private static let asOf = Quarter(100_000)

    @Test("those of the last window, up to the end of time")
    func one() {
        let windows = [WindowPeriod(start: Range<Quarter>.all.lowerBound, days: 7)]
        #expect(
            Maturity.maturing(under: windows, asOf: Self.asOf)
                == [Quarter(100_000 - 7 * 96)..<Range<Quarter>.all.upperBound])
    }

    @Test("each by the window that it is under, which a later one does not change")
    func several() {
        let windows = [
            WindowPeriod(start: Range<Quarter>.all.lowerBound, days: 10), WindowPeriod(start: Quarter(99_500), days: 2),
            WindowPeriod(start: Quarter(99_990), days: 7),
        ]
        #expect(
            Maturity.maturing(under: windows, asOf: Self.asOf) == [
                Quarter(100_000 - 960)..<Quarter(99_500), Quarter(100_000 - 192)..<Quarter(99_990),
                Quarter(99_990)..<Range<Quarter>.all.upperBound,
            ])
    }

    @Test("none under a window whose exposures have all matured")
    func past() {
        let windows = [
            WindowPeriod(start: Range<Quarter>.all.lowerBound, days: 1), WindowPeriod(start: Quarter(90_000), days: 1),
        ]
        #expect(
            Maturity.maturing(under: windows, asOf: Self.asOf)
                == [Quarter(100_000 - 96)..<Range<Quarter>.all.upperBound])
    }
}
