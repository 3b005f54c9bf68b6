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
