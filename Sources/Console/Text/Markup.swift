import Mustache

/// How texts become part of a page.
///
/// Mustache's own escaping goes by characters as people see them, so a quote that a combining accent follows is another
/// character to it and comes through. A browser goes by scalars, and so does this.
struct Markup: MustacheContentType {
    /// By what templates name it.
    static let name = "PAGE"

    func escapeText(_ text: String) -> String {
        Self.escape(text)
    }

    static func escape(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { entities[$0] != nil }) else { return text }
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if let entity = entities[scalar] {
                escaped.append(contentsOf: entity.unicodeScalars)
            } else {
                escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    private static let entities: [Unicode.Scalar: String] = [
        "<": "&lt;", ">": "&gt;", "&": "&amp;", "\"": "&quot;", "'": "&#39;",
    ]
}
