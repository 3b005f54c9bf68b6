import Yams

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
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _):
            self.init(line: mark.line, message: Self.message(problem, context))
        case YamlError.reader(let problem, let offset, _, let yaml):
            let line = offset.map { 1 + yaml.prefix($0).count { $0 == "\n" || $0 == "\r\n" } }
            self.init(line: line, message: "is not YAML: \(problem)")
        default:
            self.init(line: nil, message: "cannot be read as YAML")
        }
    }

    private static func message(_ problem: String, _ context: YamlError.Context?) -> String {
        let begun = context.map { " \($0.text) that begins on line \($0.mark.line)" } ?? ""
        return "is not YAML:\(begun.isEmpty ? "" : begun + ",") \(problem); \(remedy(problem, context))"
    }

    private static func remedy(_ problem: String, _ context: YamlError.Context?) -> String {
        switch (context?.text, problem) {
        case ("while scanning an alias", _), ("while scanning an anchor", _):
            "a value that begins with `*` or `&` needs quotes"
        case (_, "found undefined alias"):
            "mark the value that it stands for with `&` and the same name, further up"
        case (_, "found character that cannot start any token"):
            "indent with spaces, not tabs, and put a value that begins with `@`, `%` or a backquote in quotes"
        default:
            "look at the indentation, colons and quotes of this line and the one before it"
        }
    }
}
