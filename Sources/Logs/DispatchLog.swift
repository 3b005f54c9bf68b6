import Glibc

/// What libdispatch writes to the system's log by itself.
public enum DispatchLog {
    /// Ends it. It says of every process of an ordinary user that its threads may not have a higher priority, which
    /// nobody has asked for.
    ///
    /// libdispatch looks at its environment once, before it writes for the first time: call this first of all.
    public static func silence() {
        setenv("LIBDISPATCH_LOG", "NO", 1)
    }
}
