import Crypto
import Records

extension RecordID {
    /// The id of one of several exposures of one request, since each is a record of its own: the first 16 bytes of
    /// SHA-256 over the 16 bytes of the request's id and one byte for the place among them, from 0 on.
    init(request: RecordID, index: UInt8) {
        var hash = SHA256()
        withUnsafeBytes(of: request.value.bigEndian) { hash.update(bufferPointer: $0) }
        hash.update(data: [index])
        self.init(hash.finalize().withUnsafeBytes { UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self)) })
    }
}
