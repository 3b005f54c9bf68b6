/// A directive of nginx's configuration. In a `map` or `geo` the name is what is compared, and the first argument its value.
struct NginxDirective: Sendable, Equatable {
    let name: String
    let arguments: [String]
    /// What stands in its braces; nil where it has none.
    var block: [NginxDirective]?
    let file: String
    let line: Int

    /// Where it stands, as compilers say it.
    var place: String { "\(file):\(line)" }

    /// Those in its block with that name.
    func all(_ name: String) -> [NginxDirective] {
        (block ?? []).filter { $0.name == name }
    }

    /// The first of them, which is what nginx goes by where it takes one only.
    func first(_ name: String) -> NginxDirective? {
        block?.first { $0.name == name }
    }
}

/// Reads one file of nginx's configuration, which nginx itself has found to be right.
struct NginxParser {
    private enum Token {
        case word(String, line: Int)
        case semicolon, open, close
    }

    private let text: [UInt8]
    private let file: String
    private var position = 0
    private var line = 1

    init(_ text: some Sequence<UInt8>, file: String) {
        self.text = Array(text)
        self.file = file
    }

    /// All directives of the file. What a later version of nginx may write otherwise than is known here is passed over.
    mutating func directives() -> [NginxDirective] {
        var directives: [NginxDirective] = []
        var words: [(text: String, line: Int)] = []
        while let token = next() {
            switch token {
            case .word(let text, let line): words.append((text, line))
            case .semicolon:
                directives += directive(words, block: nil)
                words = []
            case .open:
                let isProgram = words.first?.text.hasSuffix("_by_lua_block") == true
                if isProgram { skipLua() }
                directives += directive(words, block: isProgram ? [] : self.directives())
                words = []
            case .close: return directives
            }
        }
        return directives
    }

    private func directive(_ words: [(text: String, line: Int)], block: [NginxDirective]?) -> [NginxDirective] {
        guard let name = words.first else { return [] }
        return [
            NginxDirective(
                name: name.text, arguments: words.dropFirst().map(\.text), block: block, file: file, line: name.line)
        ]
    }

    private mutating func next() -> Token? {
        skipBlanks()
        guard position < text.count else { return nil }
        switch text[position] {
        case UInt8(ascii: ";"):
            position += 1
            return .semicolon
        case UInt8(ascii: "{"):
            position += 1
            return .open
        case UInt8(ascii: "}"):
            position += 1
            return .close
        default: return word()
        }
    }

    private mutating func skipBlanks() {
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "\n"), UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): advance()
            case UInt8(ascii: "#"):
                while position < text.count, text[position] != UInt8(ascii: "\n") { position += 1 }
            default: return
            }
        }
    }

    private mutating func advance() {
        if text[position] == UInt8(ascii: "\n") { line += 1 }
        position += 1
    }

    private mutating func word() -> Token {
        let first = line
        var bytes: [UInt8] = []
        let quote = [UInt8(ascii: "\""), UInt8(ascii: "'")].first { $0 == text[position] }
        if quote != nil { position += 1 }
        // Whether a variable's name may begin here, which may stand in braces.
        var isVariable = false
        while position < text.count {
            let byte = text[position]
            if let quote, byte == quote {
                position += 1
                break
            }
            if quote == nil, Self.ends.contains(byte), !(isVariable && byte == UInt8(ascii: "{")) { break }
            isVariable = byte == UInt8(ascii: "$")
            if byte == UInt8(ascii: "\\"), position + 1 < text.count {
                position += 1
                bytes += Self.escaped(text[position])
            } else {
                bytes.append(byte)
            }
            advance()
        }
        return .word(String(decoding: bytes, as: UTF8.self), line: first)
    }

    private static let ends = Set(" \t\r\n;{".utf8)

    /// What a backslash and this byte stand for.
    private static func escaped(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"): [byte]
        case UInt8(ascii: "t"): [UInt8(ascii: "\t")]
        case UInt8(ascii: "r"): [UInt8(ascii: "\r")]
        case UInt8(ascii: "n"): [UInt8(ascii: "\n")]
        default: [UInt8(ascii: "\\"), byte]
        }
    }

    /// A program in Lua, to the brace that closes it, and not one in its texts and comments.
    private mutating func skipLua() {
        var depth = 1
        while position < text.count, depth > 0 {
            let byte = text[position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                skipLuaText(endedBy: byte)
            } else if hasPrefix("--") {
                position += 2
                if let bracket = longBracket { skip(past: bracket) } else { skip(past: "\n") }
            } else if let bracket = longBracket {
                skip(past: bracket)
            } else {
                if byte == UInt8(ascii: "{") { depth += 1 }
                if byte == UInt8(ascii: "}") { depth -= 1 }
                advance()
            }
        }
    }

    private mutating func skipLuaText(endedBy quote: UInt8) {
        advance()
        while position < text.count, text[position] != quote {
            if text[position] == UInt8(ascii: "\\") { advance() }
            if position < text.count { advance() }
        }
        if position < text.count { advance() }
    }

    /// What ends Lua's long text, or comment, that begins here: `]]` of `[[`, `]==]` of `[==[`.
    private var longBracket: String? {
        guard position < text.count, text[position] == UInt8(ascii: "[") else { return nil }
        let signs = text[(position + 1)...].prefix { $0 == UInt8(ascii: "=") }
        guard signs.endIndex < text.count, text[signs.endIndex] == UInt8(ascii: "[") else { return nil }
        return "]" + String(repeating: "=", count: signs.count) + "]"
    }

    private func hasPrefix(_ prefix: String) -> Bool { text[position...].starts(with: prefix.utf8) }

    private mutating func skip(past end: String) {
        while position < text.count, !hasPrefix(end) { advance() }
        for _ in end.utf8 where position < text.count { advance() }
    }
}
