import TestSupport

extension TemporaryDirectory {
    var journal: String { path + "/journal.sqlite" }
    var store: String { path + "/store.sqlite" }
    var socket: String { path + "/aggregator.sock" }
}
