/// A history as bytes.
///
/// Outcomes to the end of the bytes, each: its id; the exposures' quarters; where there are any, the first exposure;
/// how many conversions there are, and each: its id, its times, its quarters. A list is its length, its first element, and
/// the distance of each further one from the one before. All are variable integers.
extension SubjectHistory {
    func encode() -> [UInt8] {
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
    init?(decoding bytes: UnsafeRawBufferPointer) {
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

/// Integers as few bytes: seven bits in each, the lowest first, the eighth set where more follow (LEB128); those that may
/// be negative folded so that small ones stay small.
extension [UInt8] {
    mutating func append(variable value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    mutating func append(signedVariable value: Int64) {
        append(variable: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }
}

/// Reads them again. What does not end in time, or is too long, reads as nil.
struct VariableIntegerReader {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func next() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < bytes.count, shift < 64 {
            let byte = bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        return nil
    }

    mutating func nextSigned() -> Int64? {
        next().map { Int64(bitPattern: $0 >> 1) ^ -Int64(bitPattern: $0 & 1) }
    }
}
