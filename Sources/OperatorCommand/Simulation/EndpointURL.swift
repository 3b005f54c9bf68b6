import ArgumentParser
import FoundationEssentials

/// The address of the conversion endpoint, given by scheme, host and port: `https://www.example.com:8443`.
struct EndpointURL: ExpressibleByArgument, Equatable, CustomStringConvertible {
    private static let path = "/zephr/public/rule-outcomes/v1/conversions"

    /// As it was given, without a path.
    let description: String

    /// With the endpoint's path.
    var text: String { description + Self.path }

    init?(argument: String) {
        let origin = argument.hasSuffix("/") ? String(argument.dropLast()) : argument
        guard let url = URL(string: origin), let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
            url.host()?.isEmpty == false, url.path().isEmpty, url.query() == nil, url.fragment() == nil,
            url.user() == nil
        else { return nil }
        description = origin
    }
}
