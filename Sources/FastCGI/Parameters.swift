import Glibc

/// A request's FastCGI parameters, in the order they came in, repeated names included.
public struct Parameters: Sendable {
    private struct Entry {
        let nameStart: Int
        let nameEnd: Int
        let valueEnd: Int
    }

    /// Name, `=`, value, one after the other.
    private var bytes: [UInt8] = []
    private var entries: [Entry] = []

    /// How many bytes names and values have together.
    public private(set) var byteCount = 0

    /// Reads libfcgi's `envp`, whose strings read `NAME=value`, in one walk.
    init(environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) {
        guard var next = environment else { return }
        bytes.reserveCapacity(2048)
        entries.reserveCapacity(48)
        while let pair = next.pointee {
            append(UnsafeRawBufferPointer(start: pair, count: strlen(pair)))
            next += 1
        }
    }

    /// For tests and tools.
    public init(_ pairs: [(name: String, value: String)]) {
        for pair in pairs {
            Array("\(pair.name)=\(pair.value)".utf8).withUnsafeBytes { append($0) }
        }
    }

    private mutating func append(_ pair: UnsafeRawBufferPointer) {
        guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { return }
        let start = bytes.count
        bytes.append(contentsOf: pair)
        entries.append(Entry(nameStart: start, nameEnd: start + equals, valueEnd: bytes.count))
        byteCount += pair.count - 1
    }

    /// Every value that `name` was given, in order.
    public func all(_ name: StaticString) -> [ArraySlice<UInt8>] {
        entries.lazy.filter { has($0, name) }.map { bytes[$0.nameEnd + 1..<$0.valueEnd] }
    }

    /// The value that `name` was given last, so that a `fastcgi_param` line overrides one in a file included before it.
    public func last(_ name: StaticString) -> ArraySlice<UInt8>? {
        entries.last { has($0, name) }.map { bytes[$0.nameEnd + 1..<$0.valueEnd] }
    }

    /// ``last(_:)`` as text; bytes that are not UTF-8 are replaced.
    public func text(_ name: StaticString) -> String? {
        last(name).map { String(decoding: $0, as: UTF8.self) }
    }

    private func has(_ entry: Entry, _ name: StaticString) -> Bool {
        let count = entry.nameEnd - entry.nameStart
        guard count == name.utf8CodeUnitCount else { return false }
        return bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return false }
            return memcmp(base + entry.nameStart, name.utf8Start, count) == 0
        }
    }
}
