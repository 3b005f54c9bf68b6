/// What a visitor met or did.
public enum Event: Hashable, Sendable {
    case exposure(Exposure)
    case conversion(Conversion)

    public var ruleID: String {
        switch self {
        case .exposure(let exposure): exposure.ruleID
        case .conversion(let conversion): conversion.ruleID
        }
    }

    public var outcomeID: String {
        switch self {
        case .exposure(let exposure): exposure.outcomeID
        case .conversion(let conversion): conversion.outcomeID
        }
    }

    /// The conversion's name; nil for an exposure.
    public var conversionName: String? {
        switch self {
        case .exposure: nil
        case .conversion(let conversion): conversion.name
        }
    }
}
