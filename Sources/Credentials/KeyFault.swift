/// What is wrong with a key, in words that continue `the key file PATH …`. It is put into a `ConfigurationError` by
/// whoever knows the file.
struct KeyFault: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}
