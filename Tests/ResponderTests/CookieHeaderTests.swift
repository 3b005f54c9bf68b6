import FastCGI
import Testing

@testable import Responder

/// The expected values are what nginx 1.22.1 put into `$cookie_blaize_tracking_id` for the same headers.
@Suite("Cookie headers")
struct CookieHeaderTests {
    private static func first(_ headers: [String]) -> String? {
        let parameters = Parameters(headers.map { ("HTTP_COOKIE", $0) })
        defer { withExtendedLifetime(parameters) {} }
        return CookieHeader(RequestParameters(parameters).cookies).first("blaize_tracking_id")?.text
    }

    @Test(
        "a cookie is found where nginx finds it, with the value that nginx gives it",
        arguments: [
            (["blaize_tracking_id=A"], "A"),
            (["BLAIZE_Tracking_ID=A"], "A"),
            (["a=b; blaize_tracking_id=A; c=d"], "A"),
            (["a=b;blaize_tracking_id=A"], "A"),
            (["a=b;  blaize_tracking_id=A"], "A"),
            (["a=b, blaize_tracking_id=A"], "A"),
            (["a=b,blaize_tracking_id=A"], "A"),
            (["blaize_tracking_id=A,b"], "A,b"),
            (["blaize_tracking_id = A"], "A"),
            (["blaize_tracking_id=A ; b=c"], "A "),
            (["blaize_tracking_id=A==;b=c"], "A=="),
            ([#"blaize_tracking_id="A""#], #""A""#),
            ([#"a="x; blaize_tracking_id=A""#], #"A""#),
            (["xblaize_tracking_id=B; blaize_tracking_id=A"], "A"),
            (["blaize_tracking_idx=B; blaize_tracking_id=A"], "A"),
            (["blaize_tracking_id=A; blaize_tracking_id=B"], "A"),
            (["blaize_tracking_id=A", "blaize_tracking_id=B"], "A"),
            (["a=b", "blaize_tracking_id=A"], "A"),
            (["blaize_tracking_id", "blaize_tracking_id=A"], "A"),
            (["blaize_tracking_id;;blaize_tracking_id=A"], "A"),
        ])
    func found(headers: [String], value: String) {
        #expect(Self.first(headers) == value)
    }

    @Test(
        "an empty value is one",
        arguments: [
            ["blaize_tracking_id="], ["blaize_tracking_id=; blaize_tracking_id=A"],
            ["blaize_tracking_id=", "blaize_tracking_id=A"],
        ])
    func empty(_ headers: [String]) {
        #expect(Self.first(headers)?.isEmpty == true)
    }

    @Test(
        "a cookie that nginx does not find is not found",
        arguments: [
            [], [""], ["a=b"], ["blaize_tracking_id"], ["blaize_tracking_i=A"], ["a=b;\tblaize_tracking_id=A"],
            ["=blaize_tracking_id=A"], ["blaize_tracking_id; blaize_tracking_id=A"],
            ["blaize_tracking_id,blaize_tracking_id=A"],
        ] as [[String]])
    func notFound(_ headers: [String]) {
        #expect(Self.first(headers) == nil)
    }

    @Test("all cookies of a name are found, in order, in every header")
    func all() {
        let headers = ["blaize_jwt=a; b=c; Blaize_JWT=d", "e=f", "blaize_jwt=; blaize_jwt=g"]
        let parameters = Parameters(headers.map { ("HTTP_COOKIE", $0) })
        let values = CookieHeader(RequestParameters(parameters).cookies).all("blaize_jwt").map(\.text)
        withExtendedLifetime(parameters) {}
        #expect(values == ["a", "d", "", "g"])
    }
}
