enum Bisection {
    /// Where what holds at `inside` ends on the way to `outside`: the last number at which it holds, `outside` where it holds there
    /// still.
    static func end(from inside: Double, to outside: Double, of holds: (Double) -> Bool) -> Double {
        guard !holds(outside) else { return outside }
        var (inside, outside) = (inside, outside)
        while true {
            let middle = (inside + outside) / 2
            guard middle != inside, middle != outside else { return inside }
            if holds(middle) { inside = middle } else { outside = middle }
        }
    }
}
