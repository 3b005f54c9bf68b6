import Foundation

/// Numbers of a drawing in its own units.
enum Coordinate {
    static func text(_ number: Double) -> String {
        String(format: "%.1f", number)
    }
}
