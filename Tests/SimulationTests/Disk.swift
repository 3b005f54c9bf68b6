import Foundation
import SimulatedDisk
import TestSupport

/// The disk of a schedule, and the data directory on it. There is one at a time in a process.
struct Disk: Sendable {
    enum Fault: CaseIterable {
        case reading, writing, quota, syncing, death

        fileprivate var code: disk_fault {
            switch self {
            case .reading: DISK_FAULT_READ
            case .writing: DISK_FAULT_WRITE
            case .quota: DISK_FAULT_QUOTA
            case .syncing: DISK_FAULT_SYNC
            case .death: DISK_FAULT_DEATH
            }
        }
    }

    private let directory: TemporaryDirectory

    init(seed: UInt64) throws {
        directory = try TemporaryDirectory()
        disk_mount(directory.path, seed)
    }

    var journal: String { "\(directory.path)/journal.sqlite" }
    var store: String { "\(directory.path)/store.sqlite" }

    /// An error's words, in which files are named without their directory.
    func text(_ error: any Error) -> String {
        "\(error)".replacing("\(directory.path)/", with: "")
    }

    /// From now on it is a disk as any other.
    func unmount() {
        disk_unmount()
    }

    /// The process is dead, and everything it does from then on fails and changes nothing.
    var isDead: Bool { disk_is_dead() }
    var faultCount: Int { Int(disk_fault_count()) }
    var operationCount: Int { Int(disk_operation_count()) }

    /// Lets the fault come after so many operations of its kind.
    func arm(_ fault: Fault, afterOperations count: Int) {
        disk_arm(fault.code, UInt32(count))
    }

    func disarm() {
        disk_arm(DISK_FAULT_NONE, 0)
    }

    /// While it is paused no fault comes.
    func pause(_ isPaused: Bool) {
        disk_pause(isPaused)
    }

    /// Does something of the test's own, in which no fault comes.
    func withoutFaults<Value>(_ body: () throws -> Value) rethrows -> Value {
        pause(true)
        defer { pause(false) }
        return try body()
    }

    func setFull(_ isFull: Bool) {
        disk_set_full(isFull)
    }

    func die() {
        disk_die()
    }

    func revive(powerFailed: Bool) {
        disk_revive(powerFailed)
    }

    /// Somebody deletes the store, which nobody has open.
    func removeStore() throws {
        for path in [store, store + "-wal", store + "-shm"] where FileManager.default.fileExists(atPath: path) {
            try FileManager.default.removeItem(atPath: path)
        }
    }

    /// Whether a failure of the power would take nothing from the journal.
    var isJournalDurable: Bool {
        disk_is_durable(journal) && disk_is_durable(journal + "-wal")
    }

    /// The journal as the worst failure of the power leaves it, in a directory of its own.
    func durableJournal() throws -> (directory: TemporaryDirectory, path: String) {
        let copy = try TemporaryDirectory()
        let path = "\(copy.path)/journal.sqlite"
        guard disk_copy_durable(journal, path), disk_copy_durable(journal + "-wal", path + "-wal") else {
            throw Violation("the durable journal cannot be copied")
        }
        return (copy, path)
    }
}
