import ConfigurationFile
import Cryptography
import JSON

/// A JWKS (RFC 7517), down to the keys that verify tokens.
///
/// Sets as identity providers publish them hold keys for other ends, and such as only others understand. So a key that is
/// not understood, or of no use here, is passed over with a warning, as section 5 asks. A secret or private key is an
/// error wherever it stands: it was published by mistake.
struct JWKS {
    typealias Keys = [SignatureAlgorithm: VerificationKey]

    /// How many keys an error explains.
    private static let notesMax = 5

    /// By `kid`, in bytes, because Swift compares strings by how they look.
    private(set) var named: [[UInt8]: Keys] = [:]
    /// The key that fits an algorithm where no other does.
    private(set) var only: Keys = [:]
    /// What deserves a warning, in words that continue `the key file PATH …`, as those of an error do.
    private(set) var notes: [String] = []
    /// How many keys fit an algorithm.
    private var counts: [SignatureAlgorithm: Int] = [:]
    /// The keys without a `kid`, by their place in the set.
    private var unnamed: [Int: Keys] = [:]

    init(_ contents: [UInt8], allowed: Set<SignatureAlgorithm>) throws(KeyFault) {
        let elements = try readElements(contents)
        for (index, element) in elements.enumerated() {
            do throws(KeyFault) {
                try add(element, number: index + 1, allowed: allowed)
            } catch {
                warn(index + 1, "is not used: it \(error.message)")
            }
        }
        only = only.filter { counts[$0.key] == 1 }
        warnOfUnnamed()
        guard !named.isEmpty || !only.isEmpty else {
            throw KeyFault(
                "holds no key for the algorithms that are allowed. Add the key's algorithm to jwt.algorithms, or leave "
                    + "jwks out" + notes.prefix(Self.notesMax).map { ". It \($0)" }.joined())
        }
    }

    private mutating func readElements(_ contents: [UInt8]) throws(KeyFault) -> [JSONValue] {
        let contents = TextEncoding.withoutByteOrderMark(contents)
        let set: JSONObject
        do throws(JSONError) {
            set = try readObject(contents)
        } catch {
            throw KeyFault("is not a JWKS: \(error)")
        }
        guard case .array(let elements)? = set["keys"] else {
            throw KeyFault("is not a JWKS: it should be an object with an array named keys")
        }
        for (index, element) in elements.enumerated() {
            guard let jwk = try? JWK(element) else { continue }
            try checkPublic(jwk, number: index + 1)
        }
        return Array(elements)
    }

    /// Of members with one name the last counts, which section 4 leaves to the reader.
    private mutating func readObject(_ contents: [UInt8]) throws(JSONError) -> JSONObject {
        do throws(JSONError) {
            return try JSONObject(parsing: contents, depthMax: TokenVerifier.jsonDepthMax)
        } catch {
            guard error.fault == .duplicateMember else { throw error }
            let object = try JSONObject(
                parsing: contents, depthMax: TokenVerifier.jsonDepthMax, lastOfDuplicatesCounts: true)
            notes.append("has a member twice in one object (at byte \(error.byteOffset)), of which the last counts")
            return object
        }
    }

    private func checkPublic(_ jwk: JWK, number: Int) throws(KeyFault) {
        if jwk.isSecret {
            throw KeyFault(
                "has a key, number \(number), that is a shared secret. Put it in a file of its own and name that under "
                    + "secret")
        }
        if jwk.isPrivate {
            throw KeyFault(
                "has a key, number \(number), that is a private key. Leave its private members out, and replace it where "
                    + "it was published")
        }
    }

    /// Adds a key; throws why it is passed over.
    private mutating func add(
        _ element: JSONValue, number: Int, allowed: Set<SignatureAlgorithm>
    ) throws(KeyFault) {
        let jwk = try JWK(element)
        try Self.checkPurpose(of: jwk)
        let key = try PublicKey(jwk: jwk)
        let keys = try key.keys(for: Self.algorithms(of: jwk, key).intersection(allowed))
        guard !keys.isEmpty else { throw KeyFault("fits none of jwt.algorithms") }
        let keyID = try jwk.text("kid").map { Array($0.utf8) }
        for (algorithm, key) in keys {
            counts[algorithm, default: 0] += 1
            only[algorithm] = key
        }
        guard let keyID else {
            unnamed[number] = keys
            return
        }
        guard let others = named.updateValue(keys, forKey: keyID) else { return }
        // RFC 7517, section 4.5, allows one kid for keys of several kinds.
        named[keyID] = others.merging(keys) { first, _ in first }
        guard Set(others.keys).isDisjoint(with: keys.keys) else {
            throw KeyFault("has the kid and the algorithm of a key before it")
        }
    }

    private static func checkPurpose(of jwk: JWK) throws(KeyFault) {
        if let use = try jwk.text("use"), use != "sig" { throw KeyFault("has a use other than sig") }
        switch jwk["key_ops"] {
        case nil: return
        case .array(let operations)?:
            let verifies = operations.contains { operation in
                if case .string("verify") = operation { true } else { false }
            }
            guard verifies else { throw KeyFault("has key_ops without verify") }
        default: throw KeyFault("has a member key_ops that is not an array")
        }
    }

    /// The key's algorithms, narrowed to its own `alg` where it has one.
    private static func algorithms(of jwk: JWK, _ key: PublicKey) throws(KeyFault) -> Set<SignatureAlgorithm> {
        guard let name = try jwk.text("alg") else { return key.algorithms }
        guard let algorithm = SignatureAlgorithm(named: name) else { throw KeyFault("has an alg of no use here") }
        guard key.algorithms.contains(algorithm) else { throw KeyFault("has an alg that does not fit its kty and crv") }
        return [algorithm]
    }

    /// A key without a `kid` in a set of several is mostly a mistake of whoever publishes it.
    private mutating func warnOfUnnamed() {
        for (number, keys) in unnamed.sorted(by: { $0.key < $1.key }) {
            if !keys.keys.contains(where: { only[$0] != nil }) {
                warn(number, "is not used: it has no kid, and others fit its algorithms too")
            } else if !named.isEmpty || unnamed.count > 1 {
                warn(number, "has no kid: only tokens without a kid are verified with it")
            }
        }
    }

    /// The keys without a `kid` that verify something.
    var unnamedCount: Int {
        unnamed.values.count { keys in keys.keys.contains { only[$0] != nil } }
    }

    private mutating func warn(_ number: Int, _ message: String) {
        notes.append("has a key, number \(number), that \(message)")
    }
}

/// A JWKS in a file of a site's.
struct JWKSFile {
    let keys: JWKS
    var warnings: [ConfigurationError] { keys.notes.map(file.error) }
    private let file: KeyFile

    init(_ file: KeyFile, allowed: Set<SignatureAlgorithm>) throws(ConfigurationError) {
        self.file = file
        let contents = try file.contents()
        do throws(KeyFault) {
            keys = try JWKS(contents, allowed: allowed)
        } catch {
            throw file.error(error.message)
        }
    }
}

/// A JWKS that somebody publishes, as a site that allows some algorithms reads it from its file.
public struct PublishedKeySet: Sendable {
    /// Why it is of no use to the site. It holds nothing of any key.
    public struct Fault: Error, Sendable, CustomStringConvertible {
        /// Words that continue `what the provider answers …`.
        public let description: String
    }

    /// The `kid` of each key that verifies tokens of the site, in order. They are the publisher's words.
    public let keyIDs: [String]
    /// How many other keys do.
    public let unnamedCount: Int

    /// Throws where the site could not use it, or where there is a private or secret key in it.
    public init(_ contents: [UInt8], algorithms: Set<SignatureAlgorithm>) throws(Fault) {
        do throws(KeyFault) {
            let keys = try JWKS(contents, allowed: algorithms)
            keyIDs = keys.named.keys.map { String(decoding: $0, as: UTF8.self) }.sorted()
            unnamedCount = keys.unnamedCount
        } catch {
            throw Fault(description: error.message)
        }
    }
}

extension PublicKey {
    /// Reads the key itself out of a JWK (RFC 7517; RFC 7518, section 6; RFC 8037, section 2).
    init(jwk: JWK) throws(KeyFault) {
        switch (try jwk.requiredText("kty"), try jwk.text("crv")) {
        case ("RSA", _): self = try .rsa(modulus: jwk.bytes("n"), exponent: jwk.bytes("e"))
        case ("EC", let name?):
            guard let curve = Curve(rawValue: name) else { throw KeyFault("is on a curve of no use to JWT here") }
            self = try .ec(point: Self.point(jwk, on: curve), on: curve)
        case ("OKP", "Ed25519"?): self = try .ed25519(jwk.bytes("x"))
        case ("EC", nil), ("OKP", nil): throw KeyFault("lacks the member crv")
        default: throw KeyFault("is of a kind of no use to JWT here, by its kty and crv")
        }
    }

    /// The point in its uncompressed form. Each coordinate has its full length (RFC 7518, section 6.2.1).
    private static func point(_ jwk: JWK, on curve: Curve) throws(KeyFault) -> [UInt8] {
        let x = try jwk.bytes("x")
        let y = try jwk.bytes("y")
        guard x.count == curve.coordinateBytes, y.count == curve.coordinateBytes else {
            throw KeyFault("has coordinates x and y that are not \(curve.coordinateBytes) bytes each")
        }
        return [0x04] + x + y
    }
}

/// The members of a JSON Web Key (RFC 7517, section 4). One that is `null` counts as missing: some who publish keys write
/// every member that they know, whether it has a value or not.
struct JWK {
    private let object: JSONObject

    init(_ value: JSONValue) throws(KeyFault) {
        guard case .object(let object) = value else { throw KeyFault("is not an object") }
        self.object = object
    }

    subscript(member: String) -> JSONValue? {
        switch object[member] {
        case nil, .null?: nil
        case let value?: value
        }
    }

    func text(_ member: String) throws(KeyFault) -> String? {
        switch self[member] {
        case nil: nil
        case .string(let text)?: text
        default: throw KeyFault("has a member \(member) that is not a string")
        }
    }

    func requiredText(_ member: String) throws(KeyFault) -> String {
        guard let text = try text(member) else { throw KeyFault("lacks the member \(member)") }
        return text
    }

    func bytes(_ member: String) throws(KeyFault) -> [UInt8] {
        guard let bytes = Base64URL.decode(Array(try requiredText(member).utf8)[...]), !bytes.isEmpty else {
            throw KeyFault("has a member \(member) that is not base64url without padding")
        }
        return bytes
    }

    /// Whether it is a shared secret, which only its holders may know.
    var isSecret: Bool {
        isOf("oct") || self["k"] != nil
    }

    /// Whether it has a private member (RFC 7518, section 6; RFC 8037; `priv` of the kty AKP).
    var isPrivate: Bool {
        if self["d"] != nil || self["priv"] != nil { return true }
        return isOf("RSA") && ["p", "q", "dp", "dq", "qi", "oth"].contains { self[$0] != nil }
    }

    private func isOf(_ kind: String) -> Bool {
        if case .string(kind)? = self["kty"] { true } else { false }
    }
}
