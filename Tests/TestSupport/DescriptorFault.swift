import Foundation
import Glibc

/// Makes the kernel fail what this process does to one file: its descriptors are pointed at a device instead.
///
/// `/dev/full` refuses every write for lack of room; `/dev/null` takes every write and refuses to sync. Neither gives
/// back what the file holds, so a fault is for one attempt.
public struct DescriptorFault {
    private let saved: [(descriptor: CInt, copy: CInt)]

    public init(path: String, device: String) throws {
        let replacement = open(device, O_RDWR | O_CLOEXEC)
        defer { close(replacement) }
        saved = try Self.descriptors(of: path).map { ($0, dup($0)) }
        for (descriptor, _) in saved { dup2(replacement, descriptor) }
    }

    public var descriptorCount: Int {
        saved.count
    }

    public func heal() {
        for (descriptor, copy) in saved {
            dup2(copy, descriptor)
            close(copy)
        }
    }

    private static func descriptors(of path: String) throws -> [CInt] {
        let table = "/proc/self/fd"
        return try FileManager.default.contentsOfDirectory(atPath: table).compactMap { name in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(table)/\(name)")
            return target == path ? CInt(name) : nil
        }
    }
}

/// A pipe that holds one page, and whose writing end does not block: node and ssh make theirs so, for both ends.
public final class OnePagePipe: Sendable {
    public static let capacity = 4096
    /// `F_SETPIPE_SZ`, which Swift's Glibc lacks (fcntl(2)).
    private static let setPipeSize: Int32 = 1031

    public let reading: Int32
    public let writing: Int32

    public init() throws {
        // Whoever writes to one without a reader is told by an error.
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
        (reading, writing) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        guard fcntl(writing, Self.setPipeSize, Int32(Self.capacity)) == Int32(Self.capacity),
            fcntl(writing, F_SETFL, O_WRONLY | O_NONBLOCK) == 0
        else { throw POSIXError(.EINVAL) }
    }

    deinit {
        close(reading)
        close(writing)
    }

    /// Lets go of the writing end, so that reading ends with what others write.
    public func endWriting() {
        Self.replace(writing)
    }

    /// Lets go of the reading end, so that nobody reads.
    public func endReading() {
        Self.replace(reading)
    }

    /// The number stays taken, by another file.
    private static func replace(_ descriptor: Int32) {
        let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
        dup2(nothing, descriptor)
        close(nothing)
    }

    /// Writes spaces until nothing more goes in.
    public func fill() {
        while write(writing, " ", 1) == 1 {}
    }

    /// Everything up to the end, which it waits for.
    public func readToEnd() -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1000)
        while case let count = read(reading, &chunk, chunk.count), count > 0 { bytes += chunk.prefix(count) }
        return bytes
    }

    /// What it holds now, as text.
    public func readHeld() -> String {
        var bytes = [UInt8](repeating: 0, count: Self.capacity)
        var descriptor = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, 0) == 1 else { return "" }
        let count = read(reading, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
