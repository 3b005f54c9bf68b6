import Glibc

/// Numbers as people read them: with a point, without an exponent, and without separators, whatever the locale.
extension Double {
    /// With so many digits after the point: `4.27`.
    public func withDecimals(_ count: Int) -> String {
        quickText(decimals: count) ?? text("%.*f", precision: count)
    }

    /// With so many digits after the point at most, and no needless zeros: `5`, `3.2`.
    public func withDecimals(upTo count: Int) -> String {
        let text = withDecimals(count)
        guard text.contains(".") else { return text }
        let digits = text.reversed().drop { $0 == "0" }
        return String((digits.first == "." ? digits.dropFirst() : digits).reversed())
    }

    /// With so many digits that count: `0.0031`, `12.8`. Of a number with more digits before the point all those.
    public func withDigits(_ count: Int) -> String {
        let rounded = text("%.*e", precision: count - 1)
        // It says where the first digit stands once it is rounded.
        guard let mark = rounded.firstIndex(of: "e"), let place = Int(rounded[mark...].dropFirst()) else {
            return rounded
        }
        return withDecimals(max(0, count - 1 - place))
    }

    /// What `printf` makes of it, without a list of arguments. A page has thousands of numbers: that of a group of ten over ninety days
    /// takes 46 ms so, and 66 by `printf`. nil where it would take more digits than a double keeps apart.
    private func quickText(decimals count: Int) -> String? {
        guard let scale = Self.scales.dropFirst(count).first else { return nil }
        let scaled = magnitude * scale
        guard scaled < 0x1p52 else { return nil }
        var digits = Int64(scaled)
        // Exact, and so is by how much the product was rounded: of a tie alone it decides. A true one goes to the even digit.
        let beyondHalf = scaled - Double(digits) - 0.5
        let lost = (-scaled).addingProduct(magnitude, scale)
        if beyondHalf > 0 || beyondHalf == 0 && (lost > 0 || lost == 0 && digits & 1 == 1) { digits += 1 }
        let (whole, fraction) = digits.quotientAndRemainder(dividingBy: Int64(scale))
        let text = sign == .minus ? "-\(whole)" : "\(whole)"
        return count == 0 ? text : "\(text).\(String(Int64(scale) + fraction).dropFirst())"
    }

    private static let scales = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8]

    private func text(_ format: String, precision: Int) -> String {
        withVaList([CInt(precision), self]) { arguments in
            // As many digits as there can be before the point, and some after it.
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
                guard let start = buffer.baseAddress, vsnprintf(start, buffer.count, format, arguments) >= 0 else {
                    return ""
                }
                return String(cString: start)
            }
        }
    }
}
