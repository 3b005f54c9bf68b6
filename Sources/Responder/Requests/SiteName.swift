/// The site that a request, or a line of the log, belongs to, as nginx names it.
struct SiteName: Equatable {
    /// What it belongs to when nginx names no site.
    static let fallback = "default"

    let text: String
    /// Whether nginx named it.
    let isGiven: Bool

    /// Reads `fastcgi_param SITE`.
    init(_ parameters: borrowing RequestParameters) {
        self.init(parameters.site?.text ?? "")
    }

    init(_ given: String) {
        isGiven = !given.isEmpty
        text = isGiven ? given : Self.fallback
    }
}
