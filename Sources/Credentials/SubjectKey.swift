import Cryptography
import Records

/// The installation's secret, under which tracking ids become subjects.
public struct SubjectKey: Sendable {
    /// No message of a subject is the same: each holds a zero byte.
    private static let epochMessage = Array("rule-outcomes subject epoch".utf8)

    /// The secret mixed in already; each subject starts from a copy.
    private let prepared: HMAC

    public init(secret: [UInt8]) {
        prepared = HMAC(.sha256, key: secret)
    }

    /// Stands for the secret where subjects made under one are told from those under another.
    public var epoch: SubjectEpoch {
        SubjectEpoch(Self.epochMessage.withUnsafeBytes { prepared.first128Bits(of: $0) })
    }

    /// The first 16 bytes of HMAC-SHA-256 over the site's name, a zero byte and the tracking id.
    public func subject(site: String, trackingID: TrackingID) -> Subject {
        let bytesMax = Limits.siteBytesMax + 1 + Limits.trackingIDBytesMax
        return withUnsafeTemporaryAllocation(byteCount: bytesMax, alignment: 16) { buffer in
            var count = 0
            for byte in site.utf8.prefix(Limits.siteBytesMax) {
                buffer[count] = byte
                count += 1
            }
            buffer[count] = 0
            for (place, byte) in trackingID.bytes.enumerated() { buffer[count + 1 + place] = byte }
            count += 1 + trackingID.bytes.count
            return Subject(prepared.first128Bits(of: UnsafeRawBufferPointer(rebasing: buffer[..<count])))
        }
    }
}
