extension DocumentReader {
    /// As long as a site's name may be in a record.
    static var nameBytesMax: Int { 64 }

    /// Refuses a key that cannot be the name of what `kind` says, such as "a site".
    mutating func checkName(_ entry: Entry, of kind: String) {
        let bytes = entry.key.utf8
        if !(1...Self.nameBytesMax).contains(bytes.count) || !bytes.allSatisfy({ isNameByte($0) }) {
            let expected = "1 to \(Self.nameBytesMax) of a-z, A-Z, 0-9, `.`, `_` and `-`"
            note(entry.line, "\(kind)'s name must be \(expected), not \(entry.key.shown)")
        }
    }

    /// The bytes of the names of sites, groups and accounts.
    func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: isDigit(byte)
        }
    }
}
