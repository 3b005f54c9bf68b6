import FastCGI
import Records

extension TrackingID {
    /// Reads the visitor's cookie; a request without one cannot be recorded.
    ///
    /// nginx hands its own `$cookie_blaize_tracking_id` down as `TRACKING_COOKIE`, so that requests and its log agree on
    /// which cookie that is: from version 1.23 on it splits cookies at semicolons alone. Where it does not, it is looked
    /// for in the header.
    init(_ parameters: Parameters, for event: Event) throws(Refusal) {
        let value =
            parameters.last("TRACKING_COOKIE")
            ?? CookieHeader(parameters.all("HTTP_COOKIE")).first("blaize_tracking_id") ?? []
        do throws(Fault) {
            try self.init(cookieValue: value)
        } catch {
            switch error {
            case .empty: throw .trackingIDMissing(event)
            case .tooLong: throw .trackingIDTooLong
            case .noCookie: throw .trackingIDNoCookie
            }
        }
    }
}
