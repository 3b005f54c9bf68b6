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
        handle = try JSONText.load(bytes, as: .object, depthMax: depthMax)
    }

    /// The same for an array of bytes.
    ///
    /// - Parameter lastOfDuplicatesCounts: Whether of members with one name the last counts, instead of being refused.
    public init(parsing bytes: [UInt8], depthMax: Int, lastOfDuplicatesCounts: Bool = false) throws(JSONError) {
        handle = try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            try JSONText.load(
                UnsafeRawBufferPointer(buffer), as: .object, depthMax: depthMax,
                lastOfDuplicatesCounts: lastOfDuplicatesCounts)
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
}

/// A JSON array from untrusted text, read as strictly as a ``JSONObject``.
public final class JSONArray {
    private let handle: UnsafeMutablePointer<json_t>

    /// - Parameter depthMax: How deep brackets may nest, the outermost array's being one deep; at most 2048.
    public init(parsing bytes: [UInt8], depthMax: Int) throws(JSONError) {
        handle = try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            try JSONText.load(UnsafeRawBufferPointer(buffer), as: .array, depthMax: depthMax)
        }
    }

    deinit {
        json_decref(handle)
    }

    /// How many elements the array has.
    public var count: Int {
        json_array_size(handle)
    }

    /// The element at `index`, counted from 0; nil when there is none.
    public subscript(index: Int) -> JSONValue? {
        guard index >= 0 else { return nil }
        return json_array_get(handle, index).map { JSONValue($0) }
    }
}

private enum JSONText {
    /// Hands over a reference that the caller must release.
    static func load(
        _ bytes: UnsafeRawBufferPointer, as kind: JSONScan.Kind, depthMax: Int, lastOfDuplicatesCounts: Bool = false
    ) throws(JSONError) -> UnsafeMutablePointer<json_t> {
        let scan = JSONScan(bytes: bytes, depthMax: depthMax)
        try scan.check(for: kind)
        var error = json_error_t()
        // Integers are read as doubles because Jansson refuses those beyond 64 bits, which a double may well hold.
        let flags = Int(JSON_DECODE_INT_AS_REAL | (lastOfDuplicatesCounts ? 0 : JSON_REJECT_DUPLICATES))
        guard let handle = json_loadb(bytes.baseAddress, bytes.count, flags, &error) else {
            let fault = JSONError(jansson: &error)
            throw scan.comment(before: fault.byteOffset).map { JSONError(.comment, byteOffset: $0) } ?? fault
        }
        return handle
    }
}
