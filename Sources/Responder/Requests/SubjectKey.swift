import Crypto
import Records

/// The installation's secret, under which tracking ids become subjects.
struct SubjectKey: Sendable {
    private let key: SymmetricKey

    init(secret: [UInt8]) {
        key = SymmetricKey(data: secret)
    }

    /// The first 16 bytes of HMAC-SHA-256 over the site's name, a zero byte and the tracking id.
    func subject(site: String, trackingID: TrackingID) -> Subject {
        var message: [UInt8] = []
        message.reserveCapacity(site.utf8.count + 1 + trackingID.bytes.count)
        message.append(contentsOf: site.utf8)
        message.append(0)
        message.append(contentsOf: trackingID.bytes)
        let code = HMAC<SHA256>.authenticationCode(for: message, using: key)
        return code.withUnsafeBytes { Subject(UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self))) }
    }
}
