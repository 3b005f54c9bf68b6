import FoundationEssentials
import Hummingbird

/// What comes with a request.
struct AnalyticsContext: RequestContext {
    var coreContext: CoreRequestContextStorage

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}

extension JSONEncoder {
    /// For every answer: the same bytes for the same report, and the slashes that outcome ids are full of as they are.
    static var answers: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
