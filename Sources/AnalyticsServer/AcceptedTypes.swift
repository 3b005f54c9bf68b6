/// The header `Accept`: which media types are wanted, and how much.
///
/// Source: RFC 9110, section 12.5.1.
struct AcceptedTypes {
    private var qualities: [String: Double] = [:]

    init(_ header: String) {
        for range in header.lowercased().filter({ $0 != " " && $0 != "\t" }).split(separator: ",") {
            let parts = range.split(separator: ";")
            guard let type = parts.first else { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }?.dropFirst(2)
            qualities[String(type)] = quality.map { Double($0) ?? 0 } ?? 1
        }
    }

    /// From 0, unwanted, to 1. The range that fits most closely counts: `text/csv` before `text/*` before `*/*`.
    func quality(of type: String) -> Double {
        let family = type.prefix { $0 != "/" } + "/*"
        return qualities[type] ?? qualities[String(family)] ?? qualities["*/*"] ?? 0
    }
}
