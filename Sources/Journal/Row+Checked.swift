import Foundation
import GRDB

/// Columns by their place, nil where the value is of another type than expected: a damaged file may hold anything, and
/// GRDB's own subscripts would end the process.
extension Row {
    func integer(_ index: Int) -> Int64? {
        guard case .int64(let value) = (self[index] as DatabaseValue).storage else { return nil }
        return value
    }

    func blob(_ index: Int) -> Data? {
        guard case .blob(let value) = (self[index] as DatabaseValue).storage else { return nil }
        return value
    }

    func number128(_ index: Int) -> UInt128? {
        guard let bytes = blob(index), bytes.count == 16 else { return nil }
        return UInt128(bigEndianBytes: bytes)
    }

    /// A row's place in the journal, from its first two columns, `sequence` and `checksum`.
    var position: JournalPosition? {
        guard let sequence = integer(0), let checksum = number128(1) else { return nil }
        return JournalPosition(sequence: sequence, checksum: checksum)
    }
}
