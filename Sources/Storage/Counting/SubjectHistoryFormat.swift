/// A history as bytes.
///
/// Outcomes to the end of the bytes, each: its id; the exposures' quarters; where there are any, the first exposure;
/// how many conversions there are, and each: its id, its times, its quarters. A list is its length, its first element, and
/// the distance of each further one from the one before. All are variable integers.
extension SubjectHistory {
    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        // Most have met one outcome, and done little.
        bytes.reserveCapacity(64)
        for outcome in outcomes {
            bytes.append(variable: UInt64(outcome.id))
            bytes.append(list: outcome.exposures.numbers)
            if let first = outcome.firstExposure { bytes.append(signedVariable: first) }
            bytes.append(variable: UInt64(outcome.conversions.count))
            for conversion in outcome.conversions {
                bytes.append(variable: UInt64(conversion.id))
                bytes.append(list: conversion.times.milliseconds)
                bytes.append(list: conversion.quarters.numbers)
            }
        }
        return bytes
    }

    /// Nil when the bytes are no history.
    package init?(decoding bytes: UnsafeRawBufferPointer) {
        var reader = VariableIntegerReader(bytes)
        while !reader.isAtEnd {
            guard let outcome = reader.nextOutcome() else { return nil }
            outcomes.append(outcome)
        }
    }
}

extension [UInt8] {
    /// `list` is in rising order.
    fileprivate mutating func append(list: [Int64]) {
        append(variable: UInt64(list.count))
        guard var last = list.first else { return }
        append(signedVariable: last)
        for element in list.dropFirst() {
            append(variable: UInt64(bitPattern: element &- last))
            last = element
        }
    }
}

extension VariableIntegerReader {
    fileprivate mutating func nextOutcome() -> SubjectHistory.Outcome? {
        guard let id = next(), let exposures = nextList() else { return nil }
        var outcome = SubjectHistory.Outcome(id: Int64(truncatingIfNeeded: id))
        outcome.exposures = ActiveQuarters(stored: exposures)
        if !exposures.isEmpty {
            guard let first = nextSigned() else { return nil }
            outcome.firstExposure = first
        }
        guard let count = next() else { return nil }
        for _ in 0..<count {
            guard let conversion = nextConversion() else { return nil }
            outcome.conversions.append(conversion)
        }
        return outcome
    }

    private mutating func nextConversion() -> SubjectHistory.Conversion? {
        guard let id = next(), let times = nextList(), let quarters = nextList() else { return nil }
        var conversion = SubjectHistory.Conversion(id: Int64(truncatingIfNeeded: id))
        conversion.times = SparseTimes(stored: times)
        conversion.quarters = ActiveQuarters(stored: quarters)
        return conversion
    }

    private mutating func nextList() -> [Int64]? {
        guard let count = next() else { return nil }
        guard count > 0 else { return [] }
        guard var last = nextSigned() else { return nil }
        var list = [last]
        for _ in 1..<count {
            guard let distance = next() else { return nil }
            last = last &+ Int64(bitPattern: distance)
            list.append(last)
        }
        return list
    }
}
