extension Int {
    /// As people read it, with a narrow space that does not break between thousands: `12 345`.
    var grouped: String {
        let digits = Array("\(magnitude)")
        let groups = digits.indices.reduce(into: "") { text, index in
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "\u{202F}" }
            text.append(digits[index])
        }
        return self < 0 ? "−\(groups)" : groups
    }
}
