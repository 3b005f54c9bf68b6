/// All that is kept of one subject under one rule version. Everything that is counted of subjects follows from it.
struct SubjectHistory: Equatable {
    /// What is kept of it under one outcome.
    struct Outcome: Equatable {
        let id: Int64
        /// The first exposure: milliseconds since 1970, UTC; nil when there was none.
        var firstExposure: Int64?
        var exposures = ActiveQuarters()
        /// In rising order of ids.
        var conversions: [Conversion] = []

        init(id: Int64) {
            self.id = id
        }
    }

    struct Conversion: Equatable {
        let id: Int64
        var times = SparseTimes()
        var quarters = ActiveQuarters()

        init(id: Int64) {
            self.id = id
        }
    }

    /// In rising order of ids.
    var outcomes: [Outcome] = []

    /// The place of an outcome, made where there was none.
    mutating func place(ofOutcome id: Int64) -> Int {
        let index = outcomes.firstIndex { $0.id >= id } ?? outcomes.count
        if index == outcomes.count || outcomes[index].id != id { outcomes.insert(Outcome(id: id), at: index) }
        return index
    }
}

extension SubjectHistory.Outcome {
    /// The place of a conversion, made where there was none.
    mutating func place(ofConversion id: Int64) -> Int {
        let index = conversions.firstIndex { $0.id >= id } ?? conversions.count
        if index == conversions.count || conversions[index].id != id {
            conversions.insert(SubjectHistory.Conversion(id: id), at: index)
        }
        return index
    }

    /// The times of a conversion; none when the subject never did it.
    func times(ofConversion id: Int64) -> SparseTimes {
        conversions.first { $0.id == id }?.times ?? SparseTimes()
    }
}
