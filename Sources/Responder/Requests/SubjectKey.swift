import Crypto
import Records

/// The installation's secret, under which tracking ids become subjects.
struct SubjectKey: Sendable {
    /// The secret mixed in already; each subject starts from a copy.
    private let prepared: HMAC<SHA256>

    init(secret: [UInt8]) {
        prepared = HMAC(key: SymmetricKey(data: secret))
    }

    /// The first 16 bytes of HMAC-SHA-256 over the site's name, a zero byte and the tracking id.
    func subject(site: String, trackingID: TrackingID) -> Subject {
        var message: [UInt8] = []
        message.reserveCapacity(site.utf8.count + 1 + trackingID.bytes.count)
        message.append(contentsOf: site.utf8)
        message.append(0)
        message.append(contentsOf: trackingID.bytes)
        var code = prepared
        code.update(data: message)
        return code.finalize().withUnsafeBytes { Subject(UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self))) }
    }
}
