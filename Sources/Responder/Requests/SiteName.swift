import FastCGI

/// The site that a request belongs to, as nginx's `fastcgi_param SITE` names it.
struct SiteName: Equatable {
    /// What a request belongs to when nginx names no site.
    static let fallback = "default"

    let text: String
    /// Whether nginx named it.
    let isGiven: Bool

    init(_ parameters: Parameters) {
        let given = parameters.text("SITE") ?? ""
        isGiven = !given.isEmpty
        text = isGiven ? given : Self.fallback
    }
}
