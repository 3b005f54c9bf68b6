import Records

/// The name of a rule, an outcome or a conversion as reports tell it apart from others.
///
/// Names are opaque, so two of them are the same when their bytes are. (Swift's own strings are equal when they read
/// the same, whichever way their accents are spelt.)
public enum DimensionName: Hashable, Comparable, Sendable, CustomStringConvertible {
    case named(String)
    /// All those together that came when the limit was reached. It is no string, so no real name can collide with it.
    case other

    public init(_ name: String) {
        self = .named(name)
    }

    /// The name, or `(other)`, for people to read.
    public var description: String {
        switch self {
        case .named(let name): name
        case .other: "(other)"
        }
    }

    public static func == (left: DimensionName, right: DimensionName) -> Bool {
        switch (left, right) {
        case (.named(let left), .named(let right)): left.hasBytes(of: right)
        case (.other, .other): true
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .named(var name): name.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        case .other: hasher.combine(false)
        }
    }

    /// Sorted by bytes, `other` last.
    public static func < (left: DimensionName, right: DimensionName) -> Bool {
        switch (left, right) {
        case (.named(let left), .named(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        case (.named, .other): true
        case (.other, _): false
        }
    }
}
