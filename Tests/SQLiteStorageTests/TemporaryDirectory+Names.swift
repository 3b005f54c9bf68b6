import TestSupport

extension TemporaryDirectory {
    var store: String { path + "/store.sqlite" }
}
