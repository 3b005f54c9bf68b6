/// How a program ends, by the numbers of `sysexits.h`.
public enum ExitStatus {
    /// A file or directory that is needed cannot be used as it is.
    public static let dataError: Int32 = 65
    /// A socket or another service of the system cannot be had.
    public static let unavailable: Int32 = 69
    /// Something went wrong while it ran.
    public static let software: Int32 = 70
    /// Reading, writing or syncing failed; a new start may find the disk in order again.
    public static let inputOutput: Int32 = 74
    /// Something that passes by itself is in the way; a new start will do.
    public static let temporary: Int32 = 75
    /// The configuration is wrong.
    public static let configuration: Int32 = 78
}
