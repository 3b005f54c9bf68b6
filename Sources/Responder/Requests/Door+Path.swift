import Records

extension Door {
    /// The door that a request came to; nil where there is none.
    init?(path: Bytes) {
        if path.reads(Self.conversionsPath) {
            self = .conversions
        } else if path.reads(Self.exposuresPath) {
            self = .exposures
        } else {
            return nil
        }
    }

    init?(path: String) {
        switch path {
        case Self.conversionsPath: self = .conversions
        case Self.exposuresPath: self = .exposures
        default: return nil
        }
    }
}
