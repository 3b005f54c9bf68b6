import EventLoop
import Foundation
import TestSupport
import Testing

@Suite("Listening on a Unix socket", .serialized)
struct UnixListeningTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("it can be connected to, and goes with its path")
    func lifetime() throws {
        do {
            let socket = try listen()
            #expect(socket.name == "unix:\(directory.socket)")
            #expect(Peer.canConnect(to: directory.socket))
        }
        #expect(!Peer.canConnect(to: directory.socket))
        #expect(try directory.contents().isEmpty)
    }

    @Test("released, it stays open, and its path stays")
    func released() throws {
        let descriptor = try listen().release()
        defer { close(descriptor) }
        #expect(Peer.isOpen(descriptor))
        #expect(Peer.canConnect(to: directory.socket))
        UnixSocketPath(directory.socket).remove()
        #expect(try directory.contents().isEmpty)
    }

    @Test("it does not block, and no child inherits it")
    func flags() throws {
        let socket = try listen()
        #expect(fcntl(socket.descriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test(
        "its mode is the one given, whatever the umask",
        arguments: [0o660, 0o600, 0o666, 0o777] as [UInt16], [0o000, 0o022, 0o077] as [mode_t])
    func mode(mode: UInt16, mask: mode_t) throws {
        let previous = umask(mask)
        defer { umask(previous) }
        let socket = try listen(mode: mode)
        #expect(try Peer.status(of: directory.socket).st_mode & 0o7777 == mode_t(mode))
        #expect(try Peer.status(of: directory.socket).st_gid == getegid())
        _ = consume socket
    }

    @Test("its group is the one given", .enabled(if: geteuid() == 0, "only root may give a file to any group"))
    func group() throws {
        let entry = try #require(getgrnam("daemon"))
        let socket = try listen(mode: 0o660, group: "daemon")
        #expect(try Peer.status(of: directory.socket).st_gid == entry.pointee.gr_gid)
        #expect(try Peer.status(of: directory.socket).st_mode & 0o7777 == 0o660)
        _ = consume socket
    }

    @Test("a group that does not exist is an error that names it, and leaves no socket behind")
    func unknownGroup() throws {
        expectFailure(containing: "there is no group 'no-such-group'; create it or configure another") {
            _ = try listen(group: "no-such-group")
        }
        #expect(try directory.contents().isEmpty)
    }

    @Test("its owner is the one given", .enabled(if: geteuid() == 0, "only root may give a file to another user"))
    func owner() throws {
        let user = try #require(getpwnam("daemon")).pointee.pw_uid
        let socket = try listen(owner: "daemon")
        #expect(try Peer.status(of: directory.socket).st_uid == user)
        #expect(try Peer.status(of: directory.socket).st_gid == getegid())
        #expect(try Peer.status(of: directory.socket).st_mode & 0o7777 == 0o660)
        _ = consume socket
    }

    @Test("a user that does not exist is an error that names it, and leaves no socket behind")
    func unknownOwner() throws {
        expectFailure(containing: "there is no user 'no-such-user'; create it or configure another") {
            _ = try listen(owner: "no-such-user")
        }
        #expect(try directory.contents().isEmpty)
    }

    @Test(
        "a user whom this one may not give a socket to is an error that says who may",
        .enabled(if: geteuid() != 0, "root may give a file to any user"))
    func anothersOwner() throws {
        expectFailure(containing: "only root may give one to another user; start as root, or take `owner` out") {
            _ = try listen(owner: "root")
        }
        #expect(try directory.contents().isEmpty)
    }

    @Test("a socket that a dead process left is replaced")
    func stale() throws {
        // The path stays behind when a process dies: closed, not removed.
        close(try listen().release())
        #expect(!Peer.canConnect(to: directory.socket))
        let socket = try listen()
        #expect(Peer.canConnect(to: directory.socket))
        _ = consume socket
    }

    @Test("a socket that a living process listens on is left alone")
    func living() throws {
        let first = try listen()
        expectFailure(containing: "another process listens there; stop it or configure another path") {
            _ = try listen()
        }
        #expect(Peer.canConnect(to: directory.socket))
        _ = consume first
    }

    @Test("a living socket is left alone when its queue is full, too")
    func livingAndBusy() throws {
        // A listener whose queue holds one connection that nobody accepts.
        let descriptor = try listen().release()
        defer { close(descriptor) }
        #expect(Glibc.listen(descriptor, 0) == 0)
        var waiting: [CInt] = []
        defer { waiting.forEach { close($0) } }
        while let next = try? UnixSocketPath(directory.socket).connect() { waiting.append(next) }
        expectFailure(containing: "another process listens there") { _ = try listen() }
        #expect(Peer.isOpen(descriptor))
        #expect(try directory.contents() == ["x.sock"])
    }

    @Test("a file in the way is left alone")
    func file() throws {
        try Data("kept".utf8).write(to: URL(fileURLWithPath: directory.socket))
        expectFailure(containing: "a file that is no socket stands there; remove it or configure another path") {
            _ = try listen()
        }
        #expect(FileManager.default.contents(atPath: directory.socket) == Data("kept".utf8))
    }

    @Test("a directory or a dangling link in the way is left alone", arguments: [true, false])
    func otherFile(isDirectory: Bool) throws {
        if isDirectory {
            try FileManager.default.createDirectory(atPath: directory.socket, withIntermediateDirectories: false)
        } else {
            try FileManager.default.createSymbolicLink(
                atPath: directory.socket, withDestinationPath: directory.path + "/nowhere")
        }
        expectFailure(containing: "a file that is no socket stands there") { _ = try listen() }
        #expect(try directory.contents() == ["x.sock"])
    }

    @Test("a directory that is missing is named")
    func missingDirectory() throws {
        let path = directory.path + "/missing/x.sock"
        expectFailure(containing: "the directory \(directory.path)/missing does not exist; create it") {
            _ = try ListeningSocket.unix(path: path, access: UnixSocketAccess(mode: 0o660, group: nil))
        }
    }

    @Test("a path of 107 bytes is taken, one of 108 is not")
    func longPath() throws {
        let stem = directory.path + "/"
        let path = stem + String(repeating: "x", count: UnixSocketPath.bytesMax - stem.utf8.count)
        let access = UnixSocketAccess(mode: 0o660, group: nil)
        let socket = try ListeningSocket.unix(path: path, access: access)
        #expect(Peer.canConnect(to: path))
        expectFailure(containing: "the path of a Unix socket has at most 107 bytes") {
            _ = try ListeningSocket.unix(path: path + "x", access: access)
        }
        _ = consume socket
    }

    private func listen(
        mode: UInt16 = 0o660, owner: String? = nil, group: String? = nil
    ) throws -> ListeningSocket {
        try .unix(path: directory.socket, access: UnixSocketAccess(mode: mode, owner: owner, group: group))
    }
}

/// Expects that `body` fails with a message that holds `text`.
func expectFailure(
    containing text: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
    let failure = #expect(throws: SocketFailure.self, sourceLocation: sourceLocation) { try body() }
    let message = failure?.description ?? ""
    #expect(message.contains(text), sourceLocation: sourceLocation)
}
