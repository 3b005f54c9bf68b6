import Analytics
import Glibc

/// A file that Zephr gave, by its path.
struct ExportFile {
    let path: String

    func read() throws(CommandFailure) -> ZephrFile {
        let bytes = try bytes()
        do throws(CSVFault) {
            return try ZephrFile(bytes)
        } catch {
            let place = error.line.map { ":\($0)" + (error.column.map { ":\($0)" } ?? "") } ?? ""
            throw .data("\(path.escapedForTerminal)\(place): \(error.message.escapedForTerminal)")
        }
    }

    /// No more than one over what an export may have, so that a device without end is refused, too.
    private func bytes() throws(CommandFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 256 * 1024)
        while bytes.count <= ZephrFile.bytesMax {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(errno) }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    private func failure(_ code: CInt) -> CommandFailure {
        let reason =
            switch code {
            case ENOENT: "does not exist"
            case EACCES: "may not be read by this user"
            case EISDIR: "is a directory: name the file in it"
            default: "cannot be read: \(String(cString: strerror(code)))"
            }
        return .data("\(path.escapedForTerminal) \(reason)")
    }
}
