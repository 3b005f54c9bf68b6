import Yams

/// The file's text as YAML nodes, which know their lines.
struct YAMLDocument {
    let root: Node

    /// Values made of other values again and again grow with each alias, and nest deeper with each anchor. These many
    /// cannot be made into more than a few hundred copies, nor into more than five times the depth that Yams allows.
    static let aliasesMax = 16
    static let anchorsMax = 4
    /// How many repeated keys are looked past; each costs a further reading of the text.
    static let repeatsMax = 16
    /// Stands in a key between its name and a number that tells it from another key of the same name: a character
    /// for private use, which no key has before a number at its end.
    private static let repeatMark: Character = "\u{E000}"

    /// Composes the nodes of the one document in `text`, which must not be empty; `content` says what must be in it.
    init(text: String, file: String, content: String) throws(ConfigurationErrors) {
        do throws(YAMLFault) {
            try Self.refuseManyAliases(text)
            // The scanner takes a byte order mark for an indented first line.
            let root = try Self.compose(text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text)
            guard let root, root.scalar?.isMissing != true else { throw .empty(content) }
            self.root = root
        } catch {
            throw ConfigurationErrors([ConfigurationError(file: file, line: error.line, message: error.message)])
        }
    }

    /// A key's name as it was written.
    static func name(ofKey key: String) -> String {
        guard let mark = key.lastIndex(of: repeatMark), Int(key[mark...].dropFirst()) != nil else { return key }
        return String(key[..<mark])
    }

    /// Yams gives up at the first repeated key, and would hide every other mistake behind it. So the earlier of the
    /// two is marked in the text, which moves no line, and the text composed again; the reader sees both.
    private static func compose(_ text: String, repeats: Int = 0) throws(YAMLFault) -> Node? {
        do {
            // Without rules for implicit types a scalar stays the text that was written, and costs no matching.
            return try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch YamlError.duplicatedKeysInMapping(let names, let context) {
            guard repeats < repeatsMax, let name = names.first,
                let end = endOfKey(name, line: context.mark.line, column: context.mark.column, in: text)
            else { throw .repeatedKey(line: context.mark.line) }
            var marked = text
            marked.unicodeScalars.insert(contentsOf: "\(repeatMark)\(repeats)".unicodeScalars, at: end)
            return try compose(marked, repeats: repeats + 1)
        } catch {
            throw YAMLFault(error)
        }
    }

    /// Where the key `name` that begins at this place ends, or nil when it is not written there letter by letter:
    /// with an escape, or as an alias. Lines and columns count from 1, columns in Unicode scalars.
    private static func endOfKey(_ name: String, line: Int, column: Int, in text: String) -> String.Index? {
        let scalars = text.unicodeScalars
        var start = scalars.startIndex
        for _ in 1..<line {
            guard let lineEnd = scalars[start...].firstIndex(where: isBreak) else { return nil }
            start = scalars.index(after: lineEnd)
            if scalars[lineEnd] == "\r", start < scalars.endIndex, scalars[start] == "\n" {
                start = scalars.index(after: start)
            }
        }
        let rest = scalars[start...].dropFirst(column - 1)
        let unquoted = rest.first == "\"" || rest.first == "'" ? rest.dropFirst() : rest
        guard unquoted.starts(with: name.unicodeScalars) else { return nil }
        return unquoted.index(unquoted.startIndex, offsetBy: name.unicodeScalars.count)
    }

    /// The line breaks of YAML 1.1.
    private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
        default: false
        }
    }

    /// Counts whatever may be an anchor or an alias before Yams resolves any. Comments do not count, and neither does
    /// what follows a letter or a digit, such as `Q&A`: YAML takes it for a part of the same word.
    private static func refuseManyAliases(_ text: String) throws(YAMLFault) {
        var aliases = 0
        var anchors = 0
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where !isSurelyComment(line) {
            var isInWord = false
            for (byte, next) in zip(line, line.dropFirst()) {
                defer { isInWord = isLetterOrDigit(byte) }
                guard !isInWord, isNameByte(next) else { continue }
                if byte == UInt8(ascii: "*") { aliases += 1 }
                if byte == UInt8(ascii: "&") { anchors += 1 }
            }
            if aliases > aliasesMax { throw .tooMany("aliases (`*name`)", max: aliasesMax, line: index + 1) }
            if anchors > anchorsMax { throw .tooMany("anchors (`&name`)", max: anchorsMax, line: index + 1) }
        }
    }

    /// Whether a line is a comment from end to end. One with a quotation mark could be the end of a quoted text, and
    /// YAML 1.1 knows line breaks other than this one: carriage return, and three that are not ASCII.
    private static func isSurelyComment(_ line: Substring.UTF8View) -> Bool {
        guard line.first(where: { $0 != UInt8(ascii: " ") }) == UInt8(ascii: "#") else { return false }
        let content = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        return content.allSatisfy { $0 < 0x80 && !"\"'\r".utf8.contains($0) }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: isLetterOrDigit(byte)
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
