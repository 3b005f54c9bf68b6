import Glibc

/// What the system allows this process.
public enum ProcessLimits {
    /// Raises the limit on open descriptors to the most that may be had without privilege: the default of 1,024 is
    /// less than the connections one nginx may keep.
    public static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
