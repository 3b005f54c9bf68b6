import Logging

extension Logger {
    /// A daemon's logger: one line an event on standard error.
    public static func daemon(_ name: String) -> Logger {
        let form = LogLineForm.ofStandardError()
        return Logger(label: name, factory: { DaemonLogHandler(name: $0, form: form) })
    }
}

extension Logger {
    /// For libraries whose news the daemon tells itself.
    public static let silent = Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() })
}
