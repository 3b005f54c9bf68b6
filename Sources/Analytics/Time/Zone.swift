import Glibc

/// A time zone of the system's tz database, or UTC, which needs none.
public struct Zone: Sendable, Equatable {
    /// Where the package tzdata puts the database.
    public static let directory = "/usr/share/zoneinfo"
    public static let utc = Zone(name: "UTC", clock: ZoneClock(offsetSeconds: 0))

    /// The greatest file is a tenth of that.
    private static let fileBytesMax = 1 << 16

    /// As the tz database has it: `Europe/Berlin`.
    public let name: String
    private let clock: ZoneClock

    /// The zone of a name, nil for UTC. It is read from its file, so that what an upgrade of tzdata brings holds at once.
    public init(_ name: String?, in directory: String = Self.directory) throws(ReportFault) {
        guard let name, name != Self.utc.name else {
            self = .utc
            return
        }
        guard Self.isName(name) else { throw .timeZone(name) }
        guard let bytes = Self.read("\(directory)/\(name)") else {
            throw access(directory, X_OK) == 0 ? .timeZone(name) : .noTimeZones(name, directory)
        }
        do throws(ZoneFault) {
            self.init(name: name, clock: try ZoneClock(file: bytes))
        } catch {
            throw .unreadableTimeZone(name, directory, error)
        }
    }

    private init(name: String, clock: ZoneClock) {
        self.name = name
        self.clock = clock
    }

    /// What is added to UTC, `seconds` after the start of 1970, UTC.
    public func offsetSeconds(at seconds: Int64) -> Int64 {
        clock.offsetSeconds(at: seconds)
    }

    /// UTC, and the zones that the tz database has for people to choose from, by name: `zone.tab` in the directory. UTC alone
    /// where there is none.
    public static func choices(in directory: String = Self.directory) -> [String] {
        let table = read("\(directory)/zone.tab").map { String(decoding: $0, as: UTF8.self) } ?? ""
        let names = table.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
            line.split(separator: "\t").dropFirst(2).first.map(String.init)
        }
        return [utc.name] + Set(names.filter(isName)).sorted()
    }

    /// Every name in the database is of that form, and nothing else in the directory is: other files and directories
    /// begin with a small letter or have a dot.
    private static func isName(_ name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "/_+-".utf8.contains(byte)
            }
        }
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return isPlain && name.utf8.count <= 64 && parts.allSatisfy { !$0.isEmpty }
            && name.utf8.first.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) } == true
    }

    /// The bytes of a plain file; nil where there is none, or one that is too long.
    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= fileBytesMax
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return count == bytes.count ? bytes : nil
    }
}
