import CJansson

/// A JSON object from untrusted text, read strictly with Jansson.
///
/// The text must be exactly one object (RFC 8259) with nothing but white space around it. Refused are malformed text,
/// a member named twice (also when the names differ in their escapes alone), invalid UTF-8, lone surrogates, NUL (raw
/// or escaped), a byte order mark, nesting deeper than the caller allows, and numbers that no double holds. Names are
/// compared by their bytes: nothing is normalised.
public final class JSONObject {
    private let handle: UnsafeMutablePointer<json_t>

    /// Reads `bytes`, which may go away afterwards.
    ///
    /// - Parameter depthMax: How deep brackets may nest, the outermost object's being one deep; at most 2048.
    public init(parsing bytes: UnsafeRawBufferPointer, depthMax: Int) throws(JSONError) {
        handle = try Self.load(bytes, depthMax: depthMax)
    }

    /// The same for an array of bytes.
    public init(parsing bytes: [UInt8], depthMax: Int) throws(JSONError) {
        handle = try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            try Self.load(UnsafeRawBufferPointer(buffer), depthMax: depthMax)
        }
    }

    /// Another owner of an object inside an object.
    init(retaining handle: UnsafeMutablePointer<json_t>) {
        self.handle = json_incref(handle)
    }

    deinit {
        json_decref(handle)
    }

    /// How many members the object has.
    public var count: Int {
        json_object_size(handle)
    }

    /// The value of the member `name`, nil when there is none.
    public subscript(name: String) -> JSONValue? {
        var name = name
        let value = name.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { json_object_getn(handle, $0.baseAddress, $0.count) }
        }
        return value.map { JSONValue($0) }
    }

    /// Hands over a reference that the caller must release.
    private static func load(
        _ bytes: UnsafeRawBufferPointer, depthMax: Int
    ) throws(JSONError) -> UnsafeMutablePointer<json_t> {
        try JSONScan(bytes: bytes, depthMax: depthMax).check()
        var error = json_error_t()
        // Integers are read as doubles because Jansson refuses those beyond 64 bits, which a double may well hold.
        let flags = Int(JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL)
        guard let handle = json_loadb(bytes.baseAddress, bytes.count, flags, &error) else {
            throw JSONError(jansson: &error)
        }
        return handle
    }
}
