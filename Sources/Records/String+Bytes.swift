import Glibc

extension String {
    /// Whether both are the same bytes: ids are opaque. (`==` goes by how they read, whichever way accents are spelt.)
    ///
    /// All bytes at once: compared one by one they were a twentieth of a request's cost, and a fifth of the fold's.
    public func hasBytes(of other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        var (left, right) = (self, other)
        return left.withUTF8 { left in
            right.withUTF8 { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return true }
                return memcmp(left, right, other.utf8.count) == 0
            }
        }
    }
}
