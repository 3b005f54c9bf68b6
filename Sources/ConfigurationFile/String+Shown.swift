extension String {
    /// A text from the file as an error shows it: short, and with no control character that could forge a line.
    var shown: String {
        let clean = unicodeScalars.prefix(80).map { $0.isControl ? "?" : String($0) }.joined()
        return "`\(clean)\(unicodeScalars.count > 80 ? "…" : "")`"
    }
}

extension Unicode.Scalar {
    var isControl: Bool {
        properties.generalCategory == .control
    }
}
