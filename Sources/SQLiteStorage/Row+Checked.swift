import Foundation
import GRDB
import Storage

/// Columns by their place. A value of another type than expected is damage, and an error: GRDB's own subscripts would
/// end the process.
extension Row {
    func integer(_ index: Int) throws -> Int64 {
        guard case .int64(let value) = (self[index] as DatabaseValue).storage else { throw Self.damage }
        return value
    }

    func blob(_ index: Int) throws -> Data {
        guard case .blob(let value) = (self[index] as DatabaseValue).storage else { throw Self.damage }
        return value
    }

    /// A name, which is stored as the bytes of its UTF-8.
    func text(_ index: Int) throws -> String {
        String(decoding: try blob(index), as: UTF8.self)
    }

    func number128(_ index: Int) throws -> UInt128 {
        let bytes = try blob(index)
        guard bytes.count == 16 else { throw Self.damage }
        return bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// A name from the columns `is_other` and `name`, which stand side by side.
    func dimensionName(_ index: Int) throws -> DimensionName {
        try integer(index) == 1 ? .other : .named(try text(index + 1))
    }

    private static var damage: DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a value is of the wrong type")
    }
}
