import Analytics
import Testing

@Suite("Numbers as people read them")
struct DecimalsTests {
    @Test(
        "so many digits after the point",
        arguments: [
            (4.266, 2, "4.27"), (0, 2, "0.00"), (-0.4, 1, "-0.4"), (12, 0, "12"), (99.96, 1, "100.0"),
            (1e15, 1, "1000000000000000.0"),
            (.greatestFiniteMagnitude, 3, "17976931348623157" + String(repeating: "0", count: 292) + ".000"),
            (.infinity, 2, "inf"), (.nan, 2, "nan"),
        ] as [(Double, Int, String)])
    func decimals(number: Double, count: Int, text: String) {
        // Beyond 17 digits a number has some of its own.
        #expect(number.withDecimals(count).prefix(17) == text.prefix(17))
        #expect(number.withDecimals(count).count == text.count)
    }

    @Test(
        "so many at most",
        arguments: [(5, "5"), (3.2, "3.2"), (0.125, "0.125"), (100, "100"), (0.0004, "0"), (0, "0")]
            as [(Double, String)])
    func decimalsMax(number: Double, text: String) {
        #expect(number.withDecimals(upTo: 3) == text)
    }

    @Test("so many at most may be none", arguments: [(10.0, "10"), (0.4, "0")])
    func none(number: Double, text: String) {
        #expect(number.withDecimals(upTo: 0) == text)
    }

    @Test(
        "so many digits that count, never an exponent",
        arguments: [
            (0.0031, 1, "0.003"), (0.0996, 2, "0.10"), (0.00999, 1, "0.01"), (1234.5, 2, "1234"), (9.96, 2, "10"),
            (0, 2, "0.0"),
            (1e-9, 1, "0.000000001"), (-0.000412, 2, "-0.00041"), (.infinity, 2, "inf"),
        ] as [(Double, Int, String)])
    func digits(number: Double, count: Int, text: String) {
        #expect(number.withDigits(count) == text)
    }
}
