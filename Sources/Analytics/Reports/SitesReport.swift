/// The sites that are configured or have records, by name.
public struct SitesReport: Codable, Sendable, Equatable {
    public let sites: [String]
}
