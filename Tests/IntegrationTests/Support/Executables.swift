import Foundation

/// The executables under test, as built beside the tests.
enum Executables {
    static let responder = url("rule-outcomes-responder")
    static let aggregator = url("rule-outcomes-aggregator")
    static let operatorTool = url("rule-outcomes")
    static let nginx = URL(fileURLWithPath: "/usr/sbin/nginx")
    static let shell = URL(fileURLWithPath: "/bin/sh")

    /// The root of the checkout.
    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func url(_ name: String) -> URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent(name)
    }
}
