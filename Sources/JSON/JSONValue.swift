import CJansson

/// A member's or an element's value. Arrays are read whole; objects stay with Jansson until they are asked.
public enum JSONValue {
    case string(String)
    /// Integers too; beyond 2⁵³ they are rounded as doubles are.
    case number(Double)
    case bool(Bool)
    case null
    case array([JSONValue])
    case object(JSONObject)

    /// Copies a value out of Jansson's; `owner` holds a reference to it while this runs.
    init(_ handle: UnsafeMutablePointer<json_t>) {
        switch handle.pointee.type {
        case JSON_OBJECT: self = .object(JSONObject(retaining: handle))
        case JSON_ARRAY: self = .array(Self.elements(of: handle))
        case JSON_STRING: self = .string(Self.string(of: handle))
        case JSON_INTEGER, JSON_REAL: self = .number(json_number_value(handle))
        case JSON_TRUE: self = .bool(true)
        case JSON_FALSE: self = .bool(false)
        default: self = .null
        }
    }

    private static func elements(of handle: UnsafeMutablePointer<json_t>) -> [JSONValue] {
        (0..<json_array_size(handle)).compactMap { index in
            json_array_get(handle, index).map { JSONValue($0) }
        }
    }

    /// Jansson has checked that a string is UTF-8, so that decoding changes nothing.
    private static func string(of handle: UnsafeMutablePointer<json_t>) -> String {
        let start = UnsafeRawPointer(json_string_value(handle))
        return String(decoding: UnsafeRawBufferPointer(start: start, count: json_string_length(handle)), as: UTF8.self)
    }
}
