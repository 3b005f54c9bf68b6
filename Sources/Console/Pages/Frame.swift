import Analytics

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
    let isHealth: Bool
    /// Where the style sheet is; it has a name of its own for each version of it.
    let styleSheet: String

    init(title: String, site: String, sites: [String], current: Section) {
        self.title = title
        self.site = site
        self.sites =
            sites.count < 2
            ? []
            : sites.map { SiteLink(name: $0, href: "../\($0.percentEncoded)/rules", isCurrent: $0 == site) }
        isRules = current == .rules
        isHealth = current == .health
        styleSheet = "../\(StyleSheet.name)"
    }

    enum Section {
        case rules, rule, health
    }
}
