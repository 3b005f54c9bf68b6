import Foundation
import Testing

@testable import Web

/// Source of what eyes see that lack one kind of cone: Machado, Oliveira, Fernandes, A physiologically-based model for simulation of
/// color vision deficiency, IEEE Transactions on Visualization and Computer Graphics 15 (2009), 1291–1298, severity 1.
@Suite("The colours of outcomes")
struct HueTests {
    private typealias Vector = SIMD3<Double>

    private static let eyes: [(name: String, rows: [Vector])] = [
        ("all cones", [Vector(1, 0, 0), Vector(0, 1, 0), Vector(0, 0, 1)]),
        (
            "no red",
            [
                Vector(0.152286, 1.052583, -0.204868), Vector(0.114503, 0.786281, 0.099216),
                Vector(-0.003882, -0.048116, 1.051998),
            ]
        ),
        (
            "no green",
            [
                Vector(0.367322, 0.860646, -0.227968), Vector(0.280085, 0.672501, 0.047413),
                Vector(-0.011820, 0.042940, 0.968881),
            ]
        ),
        (
            "no blue",
            [
                Vector(1.255528, -0.076749, -0.178779), Vector(-0.078411, 0.930809, 0.147602),
                Vector(0.004733, 0.691367, 0.303900),
            ]
        ),
    ]

    private static func times(_ rows: [Vector], _ vector: Vector) -> Vector {
        Vector((rows[0] * vector).sum(), (rows[1] * vector).sum(), (rows[2] * vector).sum())
    }

    /// Of sRGB, `#1f6fd0`, as light: 0 to 1 each.
    private static func light(_ hex: some StringProtocol) throws -> Vector {
        let number = try #require(Int(hex.dropFirst(), radix: 16))
        let parts = Vector(Double(number >> 16), Double(number >> 8 & 255), Double(number & 255)) / 255
        func linear(_ part: Double) -> Double { part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4) }
        return Vector(linear(parts.x), linear(parts.y), linear(parts.z))
    }

    private static let luminance = Vector(0.2126729, 0.7151522, 0.0721750)

    /// CIE 1976 L*a*b* under daylight.
    private static func lab(_ light: Vector) -> Vector {
        let seen = light.clamped(lowerBound: .zero, upperBound: .one)
        let rows = [
            Vector(0.4124564, 0.3575761, 0.1804375), luminance, Vector(0.0193339, 0.1191920, 0.9503041),
        ]
        let white = Vector(0.95047, 1, 1.08883)
        func root(_ part: Double) -> Double { part > 0.008856 ? cbrt(part) : 7.787 * part + 16 / 116 }
        let parts = times(rows, seen) / white
        let (x, y, z) = (root(parts.x), root(parts.y), root(parts.z))
        return Vector(116 * y - 16, 500 * (x - y), 200 * (y - z))
    }

    /// The style sheet's colours by name, of light papers and of dark ones.
    private static func palettes() throws -> [[String: Substring]] {
        let sheet = String(decoding: StyleSheet.bytes, as: UTF8.self)
        let parts = sheet.split(separator: "prefers-color-scheme: dark", maxSplits: 1)
        return try parts.map { part in
            let end = try #require(part.firstRange(of: "}"))
            let found = part[..<end.lowerBound].matches(of: /--([a-z0-9-]+): (#[0-9a-f]{6})/)
            return Dictionary(found.map { (String($0.output.1), $0.output.2) }) { first, _ in first }
        }
    }

    @Test("any two are told apart by eyes that lack one kind of cone")
    func apart() throws {
        for palette in try Self.palettes() {
            let hues = try (1...8).map { try Self.light(try #require(palette["hue-\($0)"])) }
            for (name, rows) in Self.eyes {
                let seen = hues.map { Self.lab(Self.times(rows, $0)) }
                for one in seen.indices {
                    for other in seen.indices.dropFirst(one + 1) {
                        let distance = ((seen[one] - seen[other]) * (seen[one] - seen[other])).sum().squareRoot()
                        #expect(distance > 20, "hue-\(one + 1), hue-\(other + 1), \(name)")
                    }
                }
            }
        }
    }

    @Test("each stands out from every paper")
    func contrast() throws {
        for palette in try Self.palettes() {
            let papers = ["paper", "raised", "good-paper", "bad-paper", "open-paper", "none-paper"]
            for name in (1...8).map({ "hue-\($0)" }) {
                let hue = (Self.luminance * (try Self.light(try #require(palette[name])))).sum() + 0.05
                for paper in papers {
                    let ground = (Self.luminance * (try Self.light(try #require(palette[paper])))).sum() + 0.05
                    #expect(max(hue, ground) / min(hue, ground) >= 3, "\(name) on \(paper)")
                }
            }
        }
    }
}
