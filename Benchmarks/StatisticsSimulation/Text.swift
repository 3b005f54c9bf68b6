/// Numbers as the tables have them.
enum Text {
    static func percent(_ value: Double) -> String {
        "\(fixed(value * 100, value < 0.01 ? 2 : 1)) %"
    }

    static func share(_ value: Double) -> String {
        "\(Int((value * 100).rounded()))"
    }

    /// With `digits` after the point.
    static func fixed(_ value: Double, _ digits: Int) -> String {
        let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
        let scaled = Int((value.magnitude * Double(scale)).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(scaled)" }
        return "\(sign)\(scaled / scale).\("\(scale + scaled % scale)".dropFirst())"
    }
}
