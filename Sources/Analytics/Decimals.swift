import Glibc

/// Numbers as people read them: with a point, without an exponent, and without separators, whatever the locale.
extension Double {
    /// With so many digits after the point: `4.27`.
    public func withDecimals(_ count: Int) -> String {
        text("%.*f", precision: count)
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
