import Analytics

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
