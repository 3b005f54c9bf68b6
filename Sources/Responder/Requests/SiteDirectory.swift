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

    /// Brings `sites` into force, except that a site whose new keys cannot be used goes on as it is if its present ones
    /// can; returns the names of those.
    func replace(with sites: [String: Site]) -> Set<String> {
        self.sites.withLock { current in
            let kept = current.filter { name, site in site.hasUsableKeys && sites[name]?.hasUsableKeys == false }
            current = sites.merging(kept) { $1 }
            return Set(kept.keys)
        }
    }
}
