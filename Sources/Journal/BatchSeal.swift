import Cryptography
import FoundationEssentials

/// What ties a batch to the chain of checksums, so that records in it can be erased without breaking the chain.
///
/// The chain takes in a digest of the batch, salted at random. When records are erased, the digest stays and the salt goes,
/// so nobody can find out by trying what stood there; and a second digest vouches for what stands there now.
enum BatchSeal {
    case salted([UInt8])
    case erased(digest: [UInt8], check: [UInt8])

    private static let saltBytes = 16
    private static let digestBytes = 32

    static func random() -> BatchSeal {
        // Drawn byte by byte it would be a system call for each.
        .salted(withUnsafeBytes(of: UInt128.random(in: .min ... .max)) { Array($0) })
    }

    /// Nil when the bytes are no seal.
    init?(_ bytes: some Collection<UInt8>) {
        switch bytes.count {
        case Self.saltBytes:
            self = .salted([UInt8](bytes))
        case 2 * Self.digestBytes:
            self = .erased(
                digest: [UInt8](bytes.prefix(Self.digestBytes)), check: [UInt8](bytes.suffix(Self.digestBytes)))
        default:
            return nil
        }
    }

    var bytes: [UInt8] {
        switch self {
        case .salted(let salt): salt
        case .erased(let digest, let check): digest + check
        }
    }

    /// What the chain takes in: SHA-256 over the salt and the batch as it was appended. Nil when `batch` is neither that
    /// nor what an erasure left of it.
    func digest(of batch: some DataProtocol) -> [UInt8]? {
        switch self {
        case .salted(let salt): Self.hash(salt, batch)
        case .erased(let digest, let check): Self.hash(digest, batch) == check ? digest : nil
        }
    }

    /// The seal once the batch, whose digest this was, reads otherwise.
    static func erasing(digest: [UInt8], leaving batch: some DataProtocol) -> BatchSeal {
        .erased(digest: digest, check: hash(digest, batch))
    }

    private static func hash(_ prefix: [UInt8], _ batch: some DataProtocol) -> [UInt8] {
        var hash = SHA256()
        hash.update(prefix)
        for region in batch.regions { region.withUnsafeBytes { hash.update($0) } }
        return hash.finalize().bytes
    }
}
