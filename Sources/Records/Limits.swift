/// The named maximum of everything that comes from outside. All lengths are bytes of UTF-8.
public enum Limits {
    /// A site's name, as nginx's `fastcgi_param SITE` gives it and the configuration spells it.
    public static let siteBytesMax = 64
    public static let ruleIDBytesMax = 256
    public static let outcomeIDBytesMax = 1024
    public static let conversionBytesMax = 256
    public static let trackingIDBytesMax = 256

    /// A request's body.
    public static let bodyBytesMax = 16 * 1024
    /// A request's FastCGI parameters, names and values together.
    public static let parameterBytesMax = 64 * 1024
    /// A line of nginx's log of exposures, and how many outcomes it names.
    public static let logLineBytesMax = 64 * 1024
    public static let outcomesPerLineMax = 16
    /// How deep a JSON body may nest, its outermost object being one deep.
    public static let jsonDepthMax = 32
    /// How many exposures a request may bring, in an array.
    public static let exposuresPerRequestMax = 64
    /// A page's origin, which is echoed in a header: scheme, host and port. A host's name has at most 253.
    public static let originBytesMax = 512

    /// An encoded record: its fixed part and four texts at their longest.
    public static let recordBytesMax =
        Record.fixedBytes + siteBytesMax + ruleIDBytesMax + outcomeIDBytesMax + conversionBytesMax
    /// How many of the latest record ids are remembered, so that a record sent again is not counted again.
    public static let recordIDWindow = 1 << 20
}
