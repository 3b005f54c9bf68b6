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

    private func bytes() throws(CommandFailure) -> [UInt8] {
        do throws(WholeFile.Failure) {
            // A device without end is refused, too.
            return try WholeFile.contents(of: path, bytesMax: ZephrFile.bytesMax)
        } catch {
            throw failure(error.code)
        }
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
