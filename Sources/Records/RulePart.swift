/// A rule version of a site, or one of its outcomes, as an operator names it.
public struct RulePart: Hashable, Sendable {
    public let site: String
    public let ruleID: String
    /// nil for the rule version with all its outcomes.
    public let outcomeID: String?

    public init(site: String, ruleID: String, outcomeID: String? = nil) {
        self.site = site
        self.ruleID = ruleID
        self.outcomeID = outcomeID
    }

    /// Ids are opaque, so two of them are the same when their bytes are.
    public static func == (left: RulePart, right: RulePart) -> Bool {
        left.encodedNames == right.encodedNames
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(encodedNames)
    }

    /// What stands in every record of it from the site on.
    fileprivate var encodedNames: [UInt8] {
        Record.encodeNames(site: site, ruleID: ruleID, outcomeID: outcomeID)
    }
}

/// Rule versions and outcomes that are looked for in records.
public struct RuleParts: Sendable {
    private let names: Set<ArraySlice<UInt8>>

    public init(_ parts: some Sequence<RulePart>) {
        names = Set(parts.map { $0.encodedNames[...] })
    }

    /// Whether a record is of one of them.
    ///
    /// - Parameter bytes: a record's names as they are encoded, from the site on.
    func contain(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let siteBytes = bytes.first.map({ Int($0) }) else { return false }
        guard let rule = bytes.prefixEnding(withTextAt: bytes.startIndex + 1 + siteBytes) else { return false }
        if names.contains(rule) { return true }
        return bytes.prefixEnding(withTextAt: rule.endIndex).map(names.contains) ?? false
    }
}

extension ArraySlice<UInt8> {
    /// All up to the end of the text whose two bytes of length stand at `index`; nil where it is not all there.
    fileprivate func prefixEnding(withTextAt index: Int) -> ArraySlice<UInt8>? {
        guard index + 2 <= endIndex else { return nil }
        let end = index + 2 + Int(self[index]) + Int(self[index + 1]) << 8
        return end <= endIndex ? self[..<end] : nil
    }
}
