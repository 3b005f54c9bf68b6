extension StringProtocol {
    /// Ids are opaque, so two of them are the same when their bytes are. (Swift's own equality goes by how they read.)
    func hasBytes(of other: String?) -> Bool {
        other.map { utf8.elementsEqual($0.utf8) } ?? false
    }
}
