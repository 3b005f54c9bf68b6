/// What a figure should be at most.
struct Goal {
    static let verdictAlarms = Goal(most: 0.05)
    static let groupAlarms = Goal(most: 0.001)
    static let widthRatio = Goal(most: 2)

    static let notReached = "NOT REACHED"

    let most: Double

    func isReached(by figure: Double) -> Bool {
        figure <= most
    }

    func result(of figure: Double) -> String {
        isReached(by: figure) ? "pass" : Self.notReached
    }
}
