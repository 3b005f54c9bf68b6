import Glibc
import Yams

/// The file's text as YAML nodes, which know their lines.
struct YAMLDocument {
    let root: Node
    let source: YAMLSource

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
            let text = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
            let root = try Self.compose(text)
            guard let root, root.scalar?.isMissing != true else { throw .empty(content) }
            self.root = root
            source = YAMLSource(text)
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
        guard let rest = YAMLSource(text).text(line: line, column: column) else { return nil }
        let unquoted = rest.first == "\"" || rest.first == "'" ? rest.dropFirst() : rest
        guard unquoted.starts(with: name.unicodeScalars) else { return nil }
        return unquoted.index(unquoted.startIndex, offsetBy: name.unicodeScalars.count)
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
                defer { isInWord = byte.isLetter || byte.isDigit }
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
        byte.isLetter || byte.isDigit || "_-".utf8.contains(byte)
    }
}

/// Why a text cannot be composed into nodes, in one line without any of the text in it.
struct YAMLFault: Error {
    /// Counted from 1; nil when it is the text as a whole.
    let line: Int?
    let message: String

    static func empty(_ content: String) -> YAMLFault {
        YAMLFault(line: nil, message: "is empty: it must have \(content)")
    }

    static func repeatedKey(line: Int) -> YAMLFault {
        YAMLFault(line: line, message: "has a key that is given again in the same section: keep one of them")
    }

    static func tooMany(_ things: String, max: Int, line: Int) -> YAMLFault {
        YAMLFault(line: line, message: "has more than \(max) \(things) up to here: write the values out")
    }
}

extension YAMLFault {
    /// Yams's own descriptions span lines and show the text, which may be a secret that landed in the wrong file.
    init(_ error: any Error) {
        switch error {
        case let fault as YAMLFault:
            self = fault
        case YamlError.composer(_, "but found another document", let mark, _):
            let message = "begins another YAML document: there must be only one; take the `---` out"
            self.init(line: mark.line, message: message)
        case YamlError.scanner(let context, let problem, let mark, let yaml),
            YamlError.parser(let context, let problem, let mark, let yaml),
            YamlError.composer(let context, let problem, let mark, let yaml):
            let first = min(context?.mark.line ?? mark.line, mark.line)
            let remedy = Self.remedy(problem, context, YAMLSource(yaml), lines: first...mark.line)
            self.init(line: mark.line, message: Self.message(problem, context, remedy))
        case YamlError.reader(let problem, let offset, _, let yaml):
            let line = offset.map { 1 + yaml.prefix($0).count { $0 == "\n" || $0 == "\r\n" } }
            self.init(line: line, message: "is not YAML: \(problem)")
        default:
            self.init(line: nil, message: "cannot be read as YAML")
        }
    }

    private static func message(_ problem: String, _ context: YamlError.Context?, _ remedy: String) -> String {
        let begun = context.map { " \($0.text) that begins on line \($0.mark.line)" } ?? ""
        return "is not YAML:\(begun.isEmpty ? "" : begun + ",") \(problem); \(remedy)"
    }

    /// - Parameter lines: from where what is wrong began to where that was seen.
    private static func remedy(
        _ problem: String, _ context: YamlError.Context?, _ source: YAMLSource, lines: ClosedRange<Int>
    ) -> String {
        switch (context?.text, problem) {
        case ("while scanning an alias", _), ("while scanning an anchor", _):
            "a value that begins with `*` or `&` needs quotes"
        case (_, "found undefined alias"):
            "mark the value that it stands for with `&` and the same name, further up"
        case (_, "found character that cannot start any token"):
            "indent with spaces, not tabs, and put a value that begins with `@`, `%` or a backquote in quotes"
        case _ where source.hasDoubtfulComment(lines: lines):
            "a `#` behind a space begins a comment there: put an id that holds one in quotes"
        case (_, "could not find expected ':'"):
            "a colon and a space belong between a key and its value; look at line \(lines.lowerBound)"
        case (_, "mapping values are not allowed in this context"):
            "a colon that ends a key needs a space behind it, and a text that holds both needs quotes; look at the indentation, "
                + "too, of this line and the one before it"
        default:
            "look at the indentation, colons and quotes of this line and the one before it"
        }
    }
}

/// The configuration, or a file of rules that it names, as bytes on disk.
enum ConfigurationText {
    /// Far beyond any honest configuration, and small enough to read whole.
    static let bytesMax = 1 << 20

    /// The file's text. `missing` says what to do when there is no such file.
    static func text(path: String, missing: String) throws(ConfigurationErrors) -> String {
        let bytes = try bytes(path: path, missing: missing)
        guard bytes.count <= bytesMax else {
            throw failure(path, nil, "is over \(bytesMax) bytes: a configuration is shorter; is it the right file?")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw failure(path, invalidLine(bytes), "holds a byte that is not UTF-8: save the file as UTF-8")
        }
        return text
    }

    /// Reads the file, but never more than one byte over the limit, so that a device or a pipe without end is
    /// refused too.
    private static func bytes(path: String, missing: String) throws(ConfigurationErrors) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, nil, explanation(errno, missing: missing)) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while bytes.count <= bytesMax {
            let count = read(descriptor, &chunk, min(chunk.count, bytesMax + 1 - bytes.count))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, nil, explanation(errno, missing: missing)) }
            guard count > 0 else { break }
            bytes.append(contentsOf: chunk.prefix(count))
        }
        return bytes
    }

    private static func explanation(_ code: Int32, missing: String) -> String {
        switch code {
        case ENOENT: "does not exist: \(missing)"
        case EACCES: "may not be read by this user: give it a group that this process is in, and mode 0640"
        case EISDIR: "is a directory: name the file in it"
        default: "cannot be read: \(String(cString: strerror(code)))"
        }
    }

    /// The line of the first byte that is not UTF-8.
    private static func invalidLine(_ bytes: [UInt8]) -> Int {
        var line = 1
        var iterator = bytes.makeIterator()
        var decoder = UTF8()
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            if scalar == "\n" { line += 1 }
        }
        return line
    }

    private static func failure(_ path: String, _ line: Int?, _ message: String) -> ConfigurationErrors {
        ConfigurationErrors([ConfigurationError(file: path, line: line, message: message)])
    }
}
