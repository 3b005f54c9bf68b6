import Cryptography

/// The style sheet, under a name that changes with it, so that browsers may keep it.
enum StyleSheet {
    static let bytes = ConsoleTemplates.styleSheet
    static let name =
        "console-"
        + SHA256.hash(of: bytes).bytes.prefix(4)
        .map { String(UInt16($0) + 0x100, radix: 16).suffix(2) }.joined() + ".css"
}
