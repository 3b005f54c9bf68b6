/// The header `If-None-Match`: which forms of an answer whoever asks has already.
///
/// Source: RFC 9110, section 13.1.2; tags are compared weakly, as it wants.
struct EntityTags {
    private let tags: Set<Substring>

    /// - Parameter values: of each line of the header.
    init(_ values: [String]) {
        tags = Set(
            values.flatMap { $0.split(separator: ",") }.map { tag in
                let trimmed = tag.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
                return trimmed.hasPrefix("W/") ? trimmed.dropFirst(2) : trimmed
            })
    }

    /// `tag` with its quotes. It holds no comma.
    func contain(_ tag: String) -> Bool {
        tags.contains("*") || tags.contains(Substring(tag))
    }
}
