import Foundation
import TestSupport

enum Certificates {
    /// Makes a certificate for `name` that nobody but itself has signed, as `fullchain.pem` and `privkey.pem`.
    static func make(for name: String, in directory: URL) throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        _ = try Spawning.run([
            "/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "2", "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-keyout",
            "\(directory.path)/privkey.pem", "-out", "\(directory.path)/fullchain.pem",
        ])
    }
}
