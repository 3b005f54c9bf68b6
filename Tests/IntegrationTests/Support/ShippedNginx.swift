import Foundation

/// The files of the nginx folder, as a test installs them.
enum ShippedNginx {
    /// Those that a site includes, from a directory `rule-outcomes` in nginx's own.
    static let included = [
        "http.conf", "derived.conf", "limits.conf", "exposure-limits.conf", "session.conf", "conversions.conf",
        "conversions-with-sessions.conf", "responder-with-session.conf", "responder.conf", "answer.conf",
        "answers.conf", "client.conf", "client.js", "analytics.conf", "exposures.conf",
    ]

    static func text(_ name: String) throws -> String {
        try String(
            contentsOf: Executables.repository.appendingPathComponent("nginx").appendingPathComponent(name),
            encoding: .utf8)
    }

    /// Decides that the site `default` may be read.
    static func readable(_ name: String, _ text: String) -> String {
        let place = "$oc_readable {"
        guard name == "http.conf", let range = text.range(of: place) else { return text }
        return String(text[..<range.upperBound])
            + String(text[range.upperBound...]).replacing("default \"\";", with: "default default;", maxReplacements: 1)
    }

    /// Writes the included files below `directory`, which stands in for `/run/rule-outcomes` and `/var/log/nginx` too.
    ///
    /// - Parameter change: what the test's own sysadmin decides differently, by file.
    static func install(in directory: URL, changing change: (String, String) throws -> String = { $1 }) throws {
        let target = directory.appendingPathComponent("nginx/rule-outcomes")
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        for name in included {
            let text = try change(name, try text(name))
                .replacing("/run/rule-outcomes/", with: "\(directory.path)/")
                .replacing("/var/log/nginx/", with: "\(directory.path)/")
                .replacing("/etc/nginx/", with: "\(directory.path)/nginx/")
            try text.write(to: target.appendingPathComponent(name), atomically: false, encoding: .utf8)
        }
    }
}
