import Glibc
import Records

/// The file of a data directory that says which subject secret visitors are counted under. It holds the secret's epoch, which
/// tells nothing of it: 32 hexadecimal digits and a newline, or `new` and a newline where a change is awaited.
public struct EpochFile: Sendable {
    public enum Mark: Sendable, Equatable {
        case current(SubjectEpoch)
        /// The next other one is meant.
        case awaited

        public var epoch: SubjectEpoch? {
            if case .current(let epoch) = self { epoch } else { nil }
        }
    }

    public static let name = "subject.epoch"
    private static let awaited = "new\n"

    let path: String

    public init(path: String) {
        self.path = path
    }

    public init(dataDirectory: String) {
        path = "\(dataDirectory)/\(Self.name)"
    }

    /// Nil where there is no file.
    public func read() throws(RecoveryError) -> Mark? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .epochUnreadable(file: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        if text == Self.awaited { return .awaited }
        guard text.hasSuffix("\n"), let id = RecordID(hex: String(text.dropLast())) else {
            throw .epochUnreadable(file: path, reason: "it does not hold 32 hexadecimal digits")
        }
        return .current(SubjectEpoch(id.value))
    }

    /// Writes it whole or not at all. The system's number of what went wrong; 0 where nothing did.
    func write(_ mark: Mark) -> CInt {
        let line = Array(Self.text(of: mark).utf8)
        let new = path + ".new"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        var isWritten = descriptor >= 0 && Glibc.write(descriptor, line, line.count) == line.count
        isWritten = isWritten && fsync(descriptor) == 0
        let code = errno
        if descriptor >= 0 { close(descriptor) }
        guard isWritten else { return code }
        return rename(new, path) == 0 ? 0 : errno
    }

    private static func text(of mark: Mark) -> String {
        guard let epoch = mark.epoch else { return awaited }
        let digits = String(epoch.value, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits + "\n"
    }
}
