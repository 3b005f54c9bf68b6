@testable import Responder

/// What became of a numbered record.
struct Outcome: Equatable {
    let number: Int
    let fate: ForwardingFate

    init(_ number: Int, _ fate: ForwardingFate) {
        self.number = number
        self.fate = fate
    }

    init(_ resolution: ForwardingState<Int>.Resolution) {
        self.init(resolution.waiter, resolution.fate)
    }
}
