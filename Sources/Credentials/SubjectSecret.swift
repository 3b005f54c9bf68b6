import ConfigurationFile
import Cryptography
import Records

/// The installation's secret, under which tracking ids become subjects: every byte of its file, a newline at its end
/// included.
public struct SubjectSecret: Sendable, Equatable {
    /// A shorter secret than SHA-256's own length would be the weakest part of a pseudonym.
    static let bytesMin = 32

    public let bytes: [UInt8]
    /// Who may get at the file besides those who should, and what of its text's form a copy easily lacks. Placed as
    /// errors are.
    public let warnings: [ConfigurationError]

    /// Reads the secret, which must be long enough.
    public init(file: KeyFile) throws(ConfigurationError) {
        bytes = try file.contents()
        warnings =
            file.permissionWarnings(holdsSecret: true)
            + file.textWarnings(
                of: bytes, advice: "Once visitors are counted keep it as it is: without, every visitor is a new one")
        guard bytes.count >= Self.bytesMin else {
            throw file.error(
                "holds \(bytes.count) bytes, and the subject secret needs at least \(Self.bytesMin). Make one with "
                    + "'(umask 077; head -c 32 /dev/urandom | base64 > \(file.path))'")
        }
    }

    /// Digests are compared: how long that takes tells nothing of the secrets.
    public static func == (left: SubjectSecret, right: SubjectSecret) -> Bool {
        SHA256.hash(of: left.bytes) == SHA256.hash(of: right.bytes)
    }
}

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
