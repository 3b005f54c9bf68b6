import ConfigurationFile
import Foundation
import Testing

@Suite("Loading the file")
struct LoadingTests {
    /// Runs `body` with the path of a file that has these bytes, in a directory of its own.
    private func withFile(_ bytes: Data, body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "configuration-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "config.yaml")
        try bytes.write(to: file)
        try body(file.path)
    }

    private func failure(_ path: String) -> ConfigurationErrors? {
        do {
            _ = try Configuration.load(path: path)
            return nil
        } catch {
            return error
        }
    }

    private func errors(_ path: String, _ line: Int?, _ message: String) -> ConfigurationErrors {
        ConfigurationErrors([ConfigurationError(file: path, line: line, message: message)])
    }

    @Test("A file is read, and its relative paths start where it is")
    func load() throws {
        try withFile(Data(Sample.text().utf8)) { path in
            let configuration = try Configuration.load(path: path)
            let directory = path.dropLast("/config.yaml".count)
            #expect(configuration.responder.subjectSecret.path == "\(directory)/subject.secret")
            #expect(configuration.responder.subjectSecret.configurationFile == path)
        }
    }

    @Test("A file without a directory in its name is in the current one")
    func currentDirectory() throws {
        let configuration = try Configuration.parse(text: Sample.text(), file: "config.yaml")
        let current = FileManager.default.currentDirectoryPath
        #expect(configuration.responder.subjectSecret.path == "\(current)/subject.secret")
    }

    @Test("A file that is not there is named, and so is the remedy")
    func missing() {
        let path = "/nonexistent/config.yaml"
        let message = "does not exist: write it, or name another file with --config"
        #expect(failure(path) == errors(path, nil, message))
        #expect(failure(path)?.description == "\(path): \(message)")
    }

    @Test("A directory, or a path through a file, cannot be read")
    func notAFile() throws {
        #expect(failure("/") == errors("/", nil, "is a directory: name the file in it"))
        try withFile(Data()) { path in
            #expect(failure("\(path)/x") == errors("\(path)/x", nil, "cannot be read: Not a directory"))
        }
    }

    @Test("A mebibyte is read and no more, from a device without end either")
    func limit() throws {
        let text = Sample.text()
        let filler = String(repeating: "#", count: (1 << 20) - text.utf8.count)
        try withFile(Data((text + filler).utf8)) { path in #expect(failure(path) == nil) }
        let message = "is over 1048576 bytes: a configuration is shorter; is it the right file?"
        try withFile(Data((text + filler + "#").utf8)) { path in #expect(failure(path) == errors(path, nil, message)) }
        #expect(failure("/dev/zero") == errors("/dev/zero", nil, message))
    }

    @Test("A byte that is not UTF-8 is refused with its line")
    func notUTF8() throws {
        try withFile(Data("a: 1\nb: 2\nc: ".utf8) + [0xE4, 0x0A]) { path in
            #expect(failure(path) == errors(path, 3, "holds a byte that is not UTF-8: save the file as UTF-8"))
        }
    }

    @Test("An empty file says what must be in it")
    func empty() throws {
        try withFile(Data()) { path in
            let message = "is empty: it must have the sections `responder`, `aggregator` and `sites`"
            #expect(failure(path) == errors(path, nil, message))
        }
    }
}
