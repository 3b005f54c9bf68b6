import Foundation
import TestSupport
import Testing

/// A disk that fails, and forgets, under the aggregator of a deployment: disk.c, built and loaded before the C library.
///
/// What it does not do: a file that was created, renamed or removed is so for good, synced directory or not; and of several
/// unsynced writes to the same place only the last may be left.
final class FaultyDisk {
    /// What fails: each call is a write or a sync.
    enum Fault: CaseIterable {
        case inputOutput
        case noSpace
        case overQuota
        /// Half of what was to be written is; a sync fails.
        case cutShort

        fileprivate var error: Int32 {
            switch self {
            case .inputOutput: EIO
            case .noSpace: ENOSPC
            case .overQuota: EDQUOT
            case .cutShort: 0
            }
        }
    }

    /// In the order of disk.c.
    private enum Field: Int {
        case calls, first, last, kinds, error, failures, lostSyncs, holding, held
    }

    private static let fieldCount = 9
    private static let sectorBytes = 512
    private static let shares = [0, 0.1, 0.5, 0.9]
    /// Of `kinds`: writes and syncs.
    private static let allKinds = 3

    private let root: String
    private let undo: String?
    private let fields: SharedNumbers

    /// - Parameter forgets: whether it is to be put back to what was synced.
    init(under deployment: Deployment, forgets: Bool) throws {
        root = deployment.path("data")
        undo = forgets ? deployment.path("disk.undo") : nil
        if let undo { try FileManager.default.createDirectory(atPath: undo, withIntermediateDirectories: false) }
        fields = try SharedNumbers(path: deployment.path("disk.control"), count: Self.fieldCount)
    }

    /// With which the aggregator uses it.
    func environment() async throws -> [String: String] {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("disk.c")
        var variables = [
            "LD_PRELOAD": try await PreloadedLibrary.build(source), "DISK_ROOT": root, "DISK_CONTROL": fields.path,
        ]
        if let undo { variables["DISK_UNDO"] = undo }
        return variables
    }

    /// How many writes and syncs there were since ``begin(failing:from:times:)``.
    var calls: Int { self[.calls] }
    var failures: Int { self[.failures] }
    /// How many syncs of the journal's log have failed.
    var lostSyncs: Int { self[.lostSyncs] }

    /// How many syncs of the journal's log wait because of ``holdSyncs``.
    var heldSyncs: Int { self[.held] }

    /// Whether syncs of the journal's log wait for the end of their process.
    var holdSyncs: Bool {
        get { self[.holding] != 0 }
        set { self[.holding] = newValue ? 1 : 0 }
    }

    private subscript(field: Field) -> Int {
        get { fields[field.rawValue] }
        set { fields[field.rawValue] = newValue }
    }

    /// Counts from 0 on, and lets so many calls fail from the `position`-th on, counted from 1.
    func begin(failing fault: Fault? = nil, from position: Int = 0, times: Int = 1) {
        fields.reset()
        guard let fault else { return }
        self[.kinds] = Self.allKinds
        self[.error] = Int(fault.error)
        self[.last] = position + times - 1
        self[.first] = position
    }

    /// Puts every file back as a power failure may leave it, after the aggregator was killed: what was synced is there; of
    /// what was not, each sector is or is not.
    ///
    /// - Parameter share: of the sectors that are; nil leaves it to chance.
    func losePower(keeping share: Double? = nil, random: inout SeededGenerator) throws {
        let share = share ?? Self.shares.randomElement(using: &random) ?? 0
        let undo = try #require(undo)
        for (path, steps) in try UndoLog(directory: undo).unsynced.sorted(by: { $0.key < $1.key }) {
            let current = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            let durable = steps.reversed().reduce(into: current) { $1.undo(in: &$0) }
            let left = Self.mixed(durable, current, keeping: share, random: &random)
            try Data(left).write(to: URL(fileURLWithPath: path))
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: root) where name.hasSuffix("-shm") {
            try FileManager.default.removeItem(atPath: "\(root)/\(name)")
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: undo) {
            try FileManager.default.removeItem(atPath: "\(undo)/\(name)")
        }
    }

    private static func mixed(
        _ durable: [UInt8], _ current: [UInt8], keeping share: Double, random: inout SeededGenerator
    ) -> [UInt8] {
        let isLonger = Double.random(in: 0..<1, using: &random) < share
        var left = durable
        left.resize(to: isLonger ? current.count : durable.count)
        for start in stride(from: 0, to: min(left.count, current.count), by: sectorBytes) {
            let sector = start..<min(start + sectorBytes, left.count, current.count)
            if Double.random(in: 0..<1, using: &random) < share { left.replaceSubrange(sector, with: current[sector]) }
        }
        return left
    }
}

/// What stood in the place of each write that was not synced when the process died, by the file's path.
private struct UndoLog {
    struct Step {
        let place: Int
        /// The file's size before.
        let size: Int
        let bytes: ArraySlice<UInt8>

        func undo(in file: inout [UInt8]) {
            file.resize(to: size)
            file.replaceSubrange(place..<place + bytes.count, with: bytes)
        }
    }

    private(set) var unsynced: [String: [Step]] = [:]

    /// Of all processes since power was lost the last time, one after the other.
    init(directory: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: directory).sorted() {
            read([UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(name)"))))
        }
    }

    private mutating func read(_ log: [UInt8]) {
        var rest = log[...]
        while rest.count >= 32 {
            let head = (0..<4).map { index in
                Int(rest.dropFirst(index * 8).prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }.signed)
            }
            let (pathCount, place, count, size) = (head[0], head[1], head[2], head[3])
            rest = rest.dropFirst(32)
            // The process was killed over the last one, before the write itself.
            guard rest.count >= pathCount + count else { return }
            let name = String(decoding: rest.prefix(pathCount), as: UTF8.self)
            let bytes = rest.dropFirst(pathCount).prefix(count)
            rest = rest.dropFirst(pathCount + count)
            if place < 0 {
                unsynced[name] = nil
            } else {
                unsynced[name, default: []].append(Step(place: place, size: size, bytes: bytes))
            }
        }
    }
}

extension UInt64 {
    fileprivate var signed: Int64 { Int64(bitPattern: self) }
}

extension [UInt8] {
    fileprivate mutating func resize(to size: Int) {
        if size < count { removeLast(count - size) }
        if size > count { append(contentsOf: repeatElement(0, count: size - count)) }
    }
}
