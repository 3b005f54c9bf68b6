import CJansson

extension JSONError {
    /// Names a fault that Jansson found. Only its code and position pass on, because its text quotes the input.
    init(jansson error: inout json_error_t) {
        self.init(Self.fault(of: &error), byteOffset: max(0, Int(error.position)))
    }

    private static func fault(of error: inout json_error_t) -> Fault {
        switch json_error_code(&error) {
        case json_error_out_of_memory: .outOfMemory
        case json_error_stack_overflow: .tooDeep
        case json_error_invalid_utf8: .invalidUTF8
        case json_error_premature_end_of_input: .truncated
        case json_error_end_of_input_expected: .trailingText
        case json_error_null_character, json_error_null_byte_in_key: .nul
        case json_error_duplicate_key: .duplicateMember
        case json_error_numeric_overflow: .numberOutOfRange
        default: namesSurrogate(&error) ? .loneSurrogate : .malformed
        }
    }

    /// Jansson has no code for a lone surrogate, only a text of its own that begins this way.
    private static func namesSurrogate(_ error: inout json_error_t) -> Bool {
        withUnsafeBytes(of: &error.text) { $0.starts(with: "invalid Unicode ".utf8) }
    }
}
