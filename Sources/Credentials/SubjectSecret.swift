import ConfigurationFile
import Cryptography

/// The installation's secret, under which tracking ids become subjects: every byte of its file, a newline at its end
/// included.
public struct SubjectSecret: Sendable, Equatable {
    /// A shorter secret than SHA-256's own length would be the weakest part of a pseudonym.
    public static let bytesMin = 32

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
