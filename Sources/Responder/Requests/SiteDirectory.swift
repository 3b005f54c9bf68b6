import Synchronization

/// The sites as they are configured now. A reload exchanges all of them at once; a request that is under way goes on with
/// the site it began with.
final class SiteDirectory: Sendable {
    private let sites: Mutex<[String: Site]>

    init(_ sites: [String: Site]) {
        self.sites = Mutex(sites)
    }

    subscript(name: String) -> Site? {
        sites.withLock { $0[name] }
    }

    /// The names of all sites, sorted.
    var names: [String] {
        sites.withLock { $0.keys.sorted() }
    }

    func replace(with sites: [String: Site]) {
        self.sites.withLock { $0 = sites }
    }
}
