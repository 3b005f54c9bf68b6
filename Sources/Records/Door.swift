/// Where a record comes in.
public enum Door: UInt8, Sendable, CaseIterable {
    /// A call of the endpoint for conversions.
    case conversions = 1
    /// A call of the endpoint for exposures.
    case exposures = 2
    /// A line of nginx's log.
    case log = 3

    /// The endpoint's path for conversions.
    public static let conversionsPath = "/zephr/public/rule-outcomes/v1/conversions"
    /// The endpoint's path for exposures.
    public static let exposuresPath = "/zephr/public/rule-outcomes/v1/exposures"
}
