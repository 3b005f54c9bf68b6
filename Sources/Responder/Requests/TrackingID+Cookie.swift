import Records

extension TrackingID {
    /// Reads the visitor's cookie; a request without one cannot be recorded.
    ///
    /// nginx hands its own `$cookie_blaize_tracking_id` down as `TRACKING_COOKIE`, so that requests and its log agree on
    /// which cookie that is: from version 1.23 on it splits cookies at semicolons alone. Where it does not, it is looked
    /// for in the header.
    init(_ parameters: borrowing RequestParameters, for event: Event) throws(Refusal) {
        let value =
            parameters.trackingCookie ?? CookieHeader(parameters.cookies).first("blaize_tracking_id")
        do throws(Fault) {
            try self.init(cookieValue: value.map { Array($0)[...] } ?? [])
        } catch {
            switch error {
            case .empty: throw .trackingIDMissing(event)
            case .tooLong: throw .trackingIDTooLong
            case .noCookie: throw .trackingIDNoCookie
            }
        }
    }
}
