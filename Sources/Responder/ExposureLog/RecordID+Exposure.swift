import Cryptography
import Records

extension RecordID {
    /// The id of one of several exposures of one request, since each is a record of its own: the first 16 bytes of
    /// SHA-256 over the 16 bytes of the request's id and one byte for the place among them, from 0 on.
    init(request: RecordID, index: UInt8) {
        var hash = SHA256()
        withUnsafeBytes(of: request.value.bigEndian) { hash.update($0) }
        withUnsafeBytes(of: index) { hash.update($0) }
        self.init(hash.finalize().first128Bits)
    }
}
