import Foundation
import Testing

/// A library in C that a daemon loads before the C library, so that it stands between the two.
enum PreloadedLibrary {
    /// Builds it, once a process; returns its path.
    static func build(_ source: URL) async throws -> String {
        let name = source.deletingPathExtension().lastPathComponent
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(name)-\(getpid()).so").path
        if FileManager.default.fileExists(atPath: path) { return path }
        let arguments = ["-O1", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", path]
        // Swift brings a compiler for C along, beside its own.
        let clang = #"exec "$(dirname "$(readlink -f "$(command -v swift)")")/clang" "$@""#
        let compiler = try RunningProcess(Executables.shell, ["-c", clang, "clang"] + arguments + [source.path])
        #expect(await compiler.waitForExit() == 0, "\(compiler.text)")
        return path
    }
}

/// Numbers in a file that a test and a daemon's ``PreloadedLibrary`` both have in memory.
final class SharedNumbers {
    let path: String
    private let count: Int
    private let numbers: UnsafeMutablePointer<Int64>

    /// All of them 0.
    init(path: String, count: Int) throws {
        self.path = path
        self.count = count
        try Data(count: count * MemoryLayout<Int64>.size).write(to: URL(fileURLWithPath: path))
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        defer { close(descriptor) }
        let page = mmap(
            nil, count * MemoryLayout<Int64>.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        numbers = try #require(page != MAP_FAILED ? page : nil).assumingMemoryBound(to: Int64.self)
    }

    deinit {
        munmap(numbers, count * MemoryLayout<Int64>.size)
    }

    subscript(index: Int) -> Int {
        get { Int(numbers[index]) }
        set { numbers[index] = Int64(newValue) }
    }

    func reset() {
        for index in 0..<count { numbers[index] = 0 }
    }
}
