extension String {
    /// The text fit for an answer or a log line: control characters as `\u{1b}`, and cut where it is long.
    func escaped(charactersMax: Int = 120) -> String {
        var result = ""
        for scalar in unicodeScalars.prefix(charactersMax) {
            if scalar.isControl {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return unicodeScalars.count > charactersMax ? result + "…" : result
    }
}

extension Unicode.Scalar {
    /// C0, DEL and C1 controls, and the separators that end a line too.
    var isControl: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029: true
        default: false
        }
    }
}
