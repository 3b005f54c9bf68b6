import ArgumentParser
import FoundationEssentials
import Records

/// The addresses of the endpoint, given by scheme, host and port: `https://www.example.com:8443`.
struct EndpointURL: ExpressibleByArgument, Equatable, CustomStringConvertible {
    /// As it was given, without a path.
    let description: String

    /// Where exposures are recorded.
    var exposures: String { description + Door.exposuresPath }
    /// Where conversions are recorded.
    var conversions: String { description + Door.conversionsPath }

    init?(argument: String) {
        let origin = argument.hasSuffix("/") ? String(argument.dropLast()) : argument
        guard let url = URL(string: origin), let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
            url.host()?.isEmpty == false, url.path().isEmpty, url.query() == nil, url.fragment() == nil,
            url.user() == nil
        else { return nil }
        description = origin
    }
}
