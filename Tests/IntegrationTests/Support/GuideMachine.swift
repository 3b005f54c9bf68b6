import Analytics
import Foundation
import TestSupport
import Testing

/// A machine as the guides take it for granted: Debian with a systemd that runs an nginx, and an nginx that serves a site.
///
/// It is this machine, or a tree of another one's files, in namespaces of its own: other processes and network, and a root
/// directory that lies over those files in memory, so that nothing that a guide does is left behind.
final class GuideMachine {
    private let namespace: RunningProcess
    private let directory: URL
    private var systemd: Int32 = 0

    /// Starts it and returns when nginx runs. Needs root.
    ///
    /// - Parameter files: the directory that holds the machine's files.
    init(files: String = "/") async throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("ro-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Self.boot.write(to: directory.appendingPathComponent("boot.sh"), atomically: false, encoding: .utf8)
        namespace = try RunningProcess(
            URL(fileURLWithPath: "/usr/bin/unshare"),
            [
                "--mount", "--pid", "--fork", "--net", "--cgroup", "--ipc", "--uts", "--mount-proc", "--kill-child",
                "/bin/bash", directory.appendingPathComponent("boot.sh").path, directory.path,
                Executables.repository.path, files,
            ])
        try await eventually("nginx runs under systemd", within: .seconds(60)) {
            guard let child = RunningProcess.children(of: namespace.processID).first else { return false }
            systemd = child
            return try await run("systemctl is-active nginx").text == "active\n"
        }
    }

    deinit {
        namespace.signal(SIGKILL)
        try? FileManager.default.removeItem(at: directory)
    }

    /// Runs a script there, which ends at its first command that fails, in the directory of the checkout.
    @discardableResult
    func run(_ script: String, environment: [String: String] = [:]) async throws -> (status: Int32, text: String) {
        // Not those of whoever runs the tests, whose directories need not be there.
        let own = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR": "/tmp"]
        let process = try RunningProcess(
            URL(fileURLWithPath: "/usr/bin/nsenter"),
            [
                "--target", "\(systemd)", "--mount", "--pid", "--net", "--cgroup", "--ipc", "--uts", "--root",
                "--wdns=/",
                "/bin/bash",
                "-ec", "cd '\(Executables.repository.path)'\n\(script)",
            ], environment: environment.merging(own) { $1 })
        let status = await process.waitForExit()
        await process.waitForEnd()
        return (status, process.text)
    }

    /// Records a conversion of that visitor; gives the status.
    func convert(_ visitor: String, token: String = "$(rule-outcomes token)") async throws -> String {
        try await run(
            """
            curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1\(ConversionRequest.path) \\
                -H "Authorization: Bearer \(token)" -H 'Content-Type: application/json' \\
                -b blaize_tracking_id=\(visitor) -d '\(ConversionRequest.body(rule: "try"))'
            """
        ).text
    }

    /// Everything that has to do with rule-outcomes, by name or by what is in it: files, users, groups, units. What the
    /// system itself keeps of every change, its journal and the files that shadow's tools leave behind, is no trace.
    func traces() async throws -> String {
        try await run(
            """
            find /etc /usr /var /opt /srv /root /home /boot -xdev -iname '*rule-outcomes*'
            find /run /tmp /dev -iname '*rule-outcomes*'
            grep -rIl rule-outcomes /etc --exclude='passwd-' --exclude='group-' --exclude='shadow-' --exclude='gshadow-'
            systemctl list-unit-files --no-legend 'rule-outcomes*'
            """.replacing("\n", with: " || true\n")
        ).text
    }

    /// What makes the namespaces a machine: a root of its own, and a systemd that starts nothing but nginx, and nothing
    /// that would reach the kernel that it shares. `$1` is a directory to work in, `$2` the checkout, `$3` the directory of its files.
    private static let boot = """
        set -e
        mount --make-rprivate /
        mount -t tmpfs tmpfs "$1"
        mkdir "$1/upper" "$1/work" "$1/root"
        mount -t overlay overlay -o "lowerdir=$3,upperdir=$1/upper,workdir=$1/work" "$1/root"
        cd "$1/root"
        mkdir -p "./$2" ./mnt
        mount --bind "$2" "./$2"
        mount -o remount,bind,ro "./$2"
        mount -t tmpfs tmpfs ./dev
        mknod -m 666 ./dev/null c 1 3
        mknod -m 666 ./dev/zero c 1 5
        mknod -m 666 ./dev/full c 1 7
        mknod -m 666 ./dev/random c 1 8
        mknod -m 666 ./dev/urandom c 1 9
        mknod -m 666 ./dev/tty c 5 0
        mkdir ./dev/shm ./dev/mqueue ./dev/hugepages
        ln -s /proc/self/fd ./dev/fd
        ln -s pts/ptmx ./dev/ptmx
        mount -t proc proc ./proc
        mount -t sysfs sysfs ./sys
        mount -t cgroup2 cgroup2 ./sys/fs/cgroup
        mount -t tmpfs tmpfs ./run
        mount -t tmpfs tmpfs ./tmp
        ip link set lo up
        # As systemd has it at boot, where it is not in a container.
        echo 512 > ./proc/sys/net/unix/max_dgram_qlen

        units=./etc/systemd/system
        rm -rf $units
        mkdir -p $units/guide.target.wants
        for unit in systemd-sysctl systemd-modules-load systemd-binfmt systemd-remount-fs systemd-udevd \\
            systemd-udev-trigger systemd-random-seed systemd-update-utmp kmod-static-nodes; do
            ln -s /dev/null $units/$unit.service
        done
        for unit in proc-sys-fs-binfmt_misc.automount sys-kernel-debug.mount sys-kernel-tracing.mount \\
            dev-hugepages.mount dev-mqueue.mount sys-fs-fuse-connections.mount sys-kernel-config.mount; do
            ln -s /dev/null $units/$unit
        done
        printf '[Unit]\\nRequires=sysinit.target\\nAfter=sysinit.target\\n' > $units/guide.target
        ln -s /lib/systemd/system/nginx.service $units/guide.target.wants/

        # What the sanitizers' run gives to the programs under test: units inherit nothing.
        if [ -n "${ASAN_OPTIONS-}" ]; then
            mkdir -p ./etc/systemd/system.conf.d
            printf '[Manager]\\nDefaultEnvironment="ASAN_OPTIONS=%s"\\n' "$ASAN_OPTIONS" \\
                > ./etc/systemd/system.conf.d/sanitizers.conf
        fi

        rm -f ./etc/nginx/sites-enabled/* ./etc/nginx/modules-enabled/*
        printf 'server {\\n    listen 80 default_server;\\n    root /var/www/html;\\n    server_name _;\\n}\\n' \\
            > ./etc/nginx/sites-available/default
        ln -s ../sites-available/default ./etc/nginx/sites-enabled/default
        mkdir -p ./var/www/html ./var/log/nginx ./var/log/journal
        echo 'the front page' > ./var/www/html/index.html

        mkdir -p ./mnt/outside
        pivot_root . ./mnt/outside
        umount -l /mnt/outside
        container=guide exec /lib/systemd/systemd --system --unit=guide.target --log-target=null
        """
}

extension GuideMachine {
    /// The executables under test in place of those of a release build, which would take as long as all other tests. A sanitizer
    /// knows what it is to pass over by the names of functions, which stripping takes away.
    static let built = [
        "MAKEFLAGS": "bin=\(Executables.responder.deletingLastPathComponent().path)"
            + (FaultRun.isSanitized ? " strip=" : "")
    ]

    /// Does what docs/install.md says for who builds it, but for building, and holds what the last blocks print against what
    /// they promise.
    func installFromSource() async throws {
        var printed = ""
        for block in try Guide("install.md").blocks
        where block.commands != "make build" && block.heading != "The package" {
            let result = try await run(block.commands, environment: Self.built)
            #expect(result.status == 0, "\(block.heading):\n\(block.commands)\n\(result.text)")
            printed += result.text
        }
        #expect(!printed.contains("[warn]"), "\(printed)")
        #expect(printed.ranges(of: "HTTP/1.1 201 Created").count == 2, "\(printed)")
        #expect(printed.contains(/graph\/1#1 +1 +1 +CLICKED +1 +100.0 % +0 +1 +[12]/), "\(printed)")
        #expect(try await run("curl -s http://127.0.0.1/").text == "the front page\n")
    }

    /// Returns when so many events of the rule version `try` are in the report.
    func waitForEvents(_ count: Int) async throws {
        try await eventually("\(count) events") {
            let json = try await run("rule-outcomes report try --format json").text
            let report = try? JSONDecoder().decode(OutcomesReport.self, from: Data(json.utf8))
            return report?.rows.reduce(0) { $0 + $1.conversion.events } == count
        }
    }
}

/// A guide of docs/, whose commands a test follows.
struct Guide {
    /// The shell commands of each block, in order, with the heading that it stands under.
    let blocks: [(heading: String, commands: String)]

    init(_ name: String) throws {
        let text = try String(
            contentsOf: Executables.repository.appendingPathComponent("docs").appendingPathComponent(name),
            encoding: .utf8)
        var blocks: [(String, String)] = []
        var heading = ""
        var open: [Substring]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let lines = open {
                if line == "```" {
                    blocks.append((heading, lines.joined(separator: "\n")))
                    open = nil
                } else {
                    open = lines + [line]
                }
            } else if line == "```sh" {
                open = []
            } else if line.hasPrefix("#") {
                heading = String(line.drop { $0 == "#" || $0 == " " })
            }
        }
        self.blocks = blocks
    }

    /// All commands of the blocks under a heading.
    func commands(under heading: String) -> String {
        blocks.filter { $0.heading == heading }.map(\.commands).joined(separator: "\n")
    }
}
