/// How `trials` fall to several arms, each with a share. One binomial after another, of what is left.
struct MultinomialDistribution {
    let trials: Int
    /// Adding up to 1.
    let shares: [Double]

    func draw(using generator: inout some RandomNumberGenerator) -> [Int] {
        var (left, rest) = (trials, 1.0)
        return shares.indices.map { index in
            let isLast = index == shares.count - 1
            let probability = isLast ? 1 : min(shares[index] / rest, 1)
            let count = BinomialDistribution(trials: left, probability: probability).draw(using: &generator)
            left -= count
            rest -= shares[index]
            return count
        }
    }
}
