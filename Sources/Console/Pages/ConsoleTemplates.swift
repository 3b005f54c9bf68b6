import Mustache

/// The templates of all pages, and the style sheet.
struct ConsoleTemplates: Sendable {
    private let library: MustacheLibrary

    /// - Throws: for a template that is none, which a test would have shown.
    init() throws {
        MustacheContentTypes.register(Markup(), named: Markup.name)
        var library = MustacheLibrary()
        for (name, bytes) in Self.sources {
            // In front of each, because a partial begins with Mustache's own escaping again.
            let text = "{{% CONTENT_TYPE:\(Markup.name)}}" + String(decoding: bytes, as: UTF8.self)
            try library.register(text, named: name)
        }
        self.library = library
    }

    static var styleSheet: [UInt8] { PackageResources.console_css }

    private static var sources: [String: [UInt8]] {
        [
            "head": PackageResources.head_mustache, "foot": PackageResources.foot_mustache,
            "rules": PackageResources.rules_mustache, "rule": PackageResources.rule_mustache,
            "journey": PackageResources.journey_mustache, "health": PackageResources.health_mustache,
            "bar": PackageResources.bar_mustache, "problem": PackageResources.problem_mustache,
            "sites": PackageResources.sites_mustache,
        ]
    }

    /// Empty for a name that there is not.
    func render(_ name: String, _ page: Any) -> String {
        library.render(page, withTemplate: name) ?? ""
    }
}
