/// The times around a subject's first exposure in which a conversion is of it.
public enum CountingWindow {
    /// How long before the exposure a conversion may be recorded: the two arrive by different ways.
    public static let leadMilliseconds: Int64 = 30 * 60 * 1000
    public static let dayMilliseconds: Int64 = 24 * 60 * 60 * 1000
    /// The window of a site for which none is declared.
    public static let defaultDays = 7
}
