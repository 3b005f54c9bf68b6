import Analytics
import Cryptography
import FoundationEssentials
import HTTPTypes
import Hummingbird
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

    private static var sources: [String: [UInt8]] {
        [
            "head": PackageResources.head_mustache, "foot": PackageResources.foot_mustache,
            "rules": PackageResources.rules_mustache, "rule": PackageResources.rule_mustache,
            "journey": PackageResources.journey_mustache, "health": PackageResources.health_mustache,
            "bar": PackageResources.bar_mustache, "effect": PackageResources.effect_mustache,
            "problem": PackageResources.problem_mustache,
            "sites": PackageResources.sites_mustache, "plan": PackageResources.plan_mustache,
        ]
    }

    /// Empty for a name that there is not.
    func render(_ name: String, _ page: Any) -> String {
        library.render(Fields.looking(into: page) ?? page, withTemplate: name) ?? ""
    }
}

/// The members of a page, or of something in it, by their names.
///
/// Mustache looks for each name that a template has in the value at hand and in all around it, and reflects upon each
/// anew: that took two thirds of the time for a page. Here each value is reflected upon once.
private struct Fields: MustacheParent {
    private let values: [String: Any]

    func child(named name: String) -> Any? {
        values[name]
    }

    /// The value with fields in place of what has members; nil where an optional holds nothing.
    static func looking(into value: Any) -> Any? {
        // Most are these, and have nothing to look into.
        if let text = value as? String { return text }
        if let truth = value as? Bool { return truth }
        let mirror = Mirror(reflecting: value)
        return switch mirror.displayStyle {
        case .optional: mirror.children.first.flatMap { looking(into: $0.value) }
        case .collection: mirror.children.compactMap { looking(into: $0.value) }
        case .struct: Fields(mirror)
        default: value
        }
    }

    private init(_ mirror: Mirror) {
        let members = mirror.children.compactMap { name, value in
            name.flatMap { name in Self.looking(into: value).map { (name, $0) } }
        }
        values = Dictionary(members) { first, _ in first }
    }
}

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

/// The style sheet, under a name that changes with it, so that browsers may keep it.
enum StyleSheet {
    static let bytes = PackageResources.console_css
    static let name = "console-\(hash.hex(bytes: 4)).css"
    static let text = String(decoding: bytes, as: UTF8.self)
    private static let hash = SHA256.hash(of: bytes)
    /// By what a policy allows it within a page (Content Security Policy Level 3, section 2.3.1).
    private static let source = "'sha256-\(Data(hash.bytes).base64EncodedString())'"
    /// Its colours for light surroundings, by their names: `#1b1f24` for `ink`.
    ///
    /// They stand in its first rule, which has nothing else in braces.
    static let lightColors: [String: String] = {
        let declarations = text.prefix { $0 != "}" }.split(separator: ";").compactMap { part in
            part.firstRange(of: "--").map { part[$0.upperBound...].split(separator: ":", maxSplits: 1) }
        }
        let pairs = declarations.filter { $0.count == 2 }.map { (String($0[0]), String($0[1].drop { $0 == " " })) }
        return Dictionary(pairs) { first, _ in first }
    }()
    /// What a page may do that is a file by itself: show itself.
    static let filePolicy = "default-src 'none'; style-src \(source); form-action 'none'; base-uri 'none'"
}

extension Response {
    /// What a page may do: show itself and its style sheet, and send its forms to where it came from.
    private static let contentSecurityPolicy =
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    static func page(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        page(text, status: status, policy: contentSecurityPolicy)
    }

    /// A page that holds all it needs, to be saved under a name.
    static func file(_ text: String, named name: FileName) -> Response {
        var response = page(text, status: .ok, policy: "\(StyleSheet.filePolicy); frame-ancestors 'none'")
        response.headers[.contentDisposition] = "attachment; \(name.parameters)"
        return response
    }

    /// A drawing by itself, which browsers show, and save under a name.
    static func picture(_ svg: String, named name: FileName) -> Response {
        let policy = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
        var response = page(svg, "image/svg+xml; charset=utf-8", status: .ok, policy: policy)
        response.headers[.contentDisposition] = "inline; \(name.parameters)"
        return response
    }

    private static func page(
        _ text: String, _ contentType: String = "text/html; charset=utf-8", status: HTTPResponse.Status, policy: String
    ) -> Response {
        Response(
            status: status,
            headers: [
                .contentType: contentType, .cacheControl: "private, no-cache",
                .contentSecurityPolicy: policy, .xContentTypeOptions: "nosniff", .referrerPolicy: "same-origin",
            ], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    static func styleSheet() -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/css; charset=utf-8", .cacheControl: "private, max-age=31536000, immutable",
                .xContentTypeOptions: "nosniff",
            ], body: ResponseBody(byteBuffer: ByteBuffer(bytes: StyleSheet.bytes)))
    }
}

extension HTTPField.Name {
    fileprivate static var referrerPolicy: HTTPField.Name { HTTPField.Name("Referrer-Policy") ?? .from }
}

/// What every page has around its content.
struct Frame {
    struct SiteLink {
        let name: String
        let href: String
        let isCurrent: Bool
    }

    let title: String
    let site: String
    /// Those that may be read here; empty where there is nothing to choose.
    let sites: [SiteLink]
    let isRules: Bool
    let isPlan: Bool
    let isHealth: Bool
    /// Where the style sheet is; it has a name of its own for each version of it.
    let styleSheet: String
    /// Whether the page is a file by itself, which links to nothing.
    let isFile: Bool
    /// The style sheet itself, for a file.
    let inlineStyle: String?
    /// What the file may do, wherever it is opened.
    let policy: String?

    init(title: String, site: String, sites: [String], current: Section, isFile: Bool = false) {
        self.isFile = isFile
        inlineStyle = isFile ? StyleSheet.text : nil
        policy = isFile ? StyleSheet.filePolicy : nil
        self.title = title
        self.site = site
        self.sites =
            sites.count < 2
            ? []
            : sites.map { SiteLink(name: $0, href: "../\($0.percentEncoded)/rules", isCurrent: $0 == site) }
        isRules = current == .rules
        isPlan = current == .plan
        isHealth = current == .health
        styleSheet = "../\(StyleSheet.name)"
    }

    enum Section {
        case rules, rule, plan, health
    }
}

/// What a page could not show, and what would help.
struct ProblemPage {
    let frame: Frame
    let title: String
    let detail: String
    let back: String
}

/// The sites to choose from.
struct SitesPage {
    struct Link {
        let name: String
        let href: String
    }

    let styleSheet = StyleSheet.name
    let sites: [Link]

    init(_ names: [String]) {
        sites = names.map { Link(name: $0, href: "\($0.percentEncoded)/rules") }
    }
}
