import Foundation
import Testing

/// The `openssl` of this machine, which says what a key file is.
enum OpenSSL {
    struct Failure: Error {
        let message: String
    }

    /// Runs it; returns what it writes on standard output.
    @discardableResult
    static func run(_ arguments: String..., input: Data = Data()) throws -> Data {
        try run(arguments, input: input)
    }

    static func run(_ arguments: [String], input: Data = Data()) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        let (standardInput, output, error) = (Pipe(), Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = output
        process.standardError = error
        try process.run()
        // Less than a pipe holds, so that nobody waits for the other.
        try standardInput.fileHandleForWriting.write(contentsOf: input)
        try standardInput.fileHandleForWriting.close()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        let message = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(message: message) }
        return data
    }

    /// Whether it reads the file as a public key.
    static func readsPublicKey(_ path: String) -> Bool {
        (try? run("pkey", "-pubin", "-in", path, "-noout")) != nil
    }
}
