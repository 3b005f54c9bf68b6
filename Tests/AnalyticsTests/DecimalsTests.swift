import Analytics
import Foundation
import TestSupport
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

    @Test("it is what printf makes of it, of ties and of all that is near one, too", arguments: 0..<10)
    func printf(count: Int) {
        var generator = SeededGenerator(seed: 7)
        let scale = pow(10, Double(count))
        for _ in 0..<20_000 {
            let tie = (Double(Int.random(in: -400...400, using: &generator)) + 0.5) / scale
            let eighths = Double(Int.random(in: -4000...4000, using: &generator)) / 8
            let any =
                Double.random(in: -1e3...1e3, using: &generator)
                * pow(10, Double.random(in: -12...15, using: &generator))
            for number in [tie, tie.nextUp, tie.nextDown, eighths, any] {
                #expect(number.withDecimals(count) == String(format: "%.\(count)f", number))
            }
        }
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
