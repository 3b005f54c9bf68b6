import Records

extension TrackingID {
    /// Reads the visitor's cookie; a request without one cannot be recorded.
    init(cookies: CookieHeader, for event: Event) throws(Refusal) {
        do throws(Fault) {
            try self.init(cookies.first("blaize_tracking_id") ?? [])
        } catch {
            switch error {
            case .empty: throw .trackingIDMissing(event)
            case .tooLong: throw .trackingIDTooLong
            case .noCookie: throw .trackingIDNoCookie
            }
        }
    }
}
