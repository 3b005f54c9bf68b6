import Records

extension SubjectSecret {
    /// The epoch of the subjects that are made under it.
    public var epoch: SubjectEpoch { SubjectKey(secret: bytes).epoch }

    /// How this secret differs from the one of that epoch, where it is no more than what editors and copies change at the ends
    /// of a text; nil where it is anything else. One sentence that tells nothing of the secret.
    public func difference(from epoch: SubjectEpoch) -> String? {
        let core = Self.core(of: bytes)
        for mark in [[], TextEncoding.byteOrderMark] {
            for (ending, name) in Self.endings {
                guard SubjectKey(secret: mark + core + ending).epoch == epoch else { continue }
                let now = Array(TextEncoding.withoutByteOrderMark(bytes).dropFirst(core.count))
                if ending == now {
                    return mark.isEmpty
                        ? "It has a byte order mark at its beginning, which was not there"
                        : "It lacks the byte order mark that it began with"
                }
                let found = Self.endings.first { $0.bytes == now }?.name ?? "other white space"
                return "It ended with \(name), and now ends with \(found)"
            }
        }
        return nil
    }

    /// What stands at the end of a text, and what it is called.
    private static let endings: [(bytes: [UInt8], name: String)] = [
        ("\n", "a newline"), ("", "no newline"), ("\r\n", "CR and newline"), ("\n\n", "two newlines"), (" ", "a space"),
        (" \n", "a space and a newline"), ("\r", "CR"),
    ].map { (Array($0.utf8), $1) }

    private static func core(of bytes: [UInt8]) -> [UInt8] {
        let text = TextEncoding.withoutByteOrderMark(bytes)
        return Array(text.dropLast(text.reversed().prefix { [0x0A, 0x0D, 0x20].contains($0) }.count))
    }
}
