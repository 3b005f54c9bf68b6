import Records

extension Door {
    /// The door that a request came to; nil where there is none.
    init?(path: String) {
        switch path {
        case Self.conversionsPath: self = .conversions
        case Self.exposuresPath: self = .exposures
        default: return nil
        }
    }
}
