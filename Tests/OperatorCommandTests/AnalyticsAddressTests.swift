import Analytics
import Testing

@testable import OperatorCommand

@Suite struct AnalyticsAddressTests {
    @Test(
        "Everything but unreserved characters is encoded",
        arguments: [
            ("article-22_a.b~c", "article-22_a.b~c"), ("graph/1#1,graph/2#1", "graph%2F1%231%2Cgraph%2F2%231"),
            ("a b+c&d=e?f%g", "a%20b%2Bc%26d%3De%3Ff%25g"), ("é\u{1}", "%C3%A9%01"), ("", ""),
        ])
    func encoding(text: String, expected: String) {
        #expect(text.percentEncoded == expected)
    }

    @Test("An id cannot add to the address that it stands in")
    func addresses() {
        let address = AnalyticsAddress.outcomes(site: "a/../b", ruleID: "x&format=csv#y")
        #expect(address.text == "/v1/sites/a%2F..%2Fb/outcomes?ruleId=x%26format%3Dcsv%23y")
        let picture = AnalyticsAddress.picture(site: "s", ruleID: "x y", [("group", "a&b"), ("asOf", nil)])
        #expect(picture.text == "/console/s/result.svg?ruleId=x%20y&group=a%26b")
        #expect(AnalyticsAddress.rules(site: "default").text == "/v1/sites/default/rules")
    }

    @Test(
        "What a picture cannot show is not asked for along with it",
        arguments: [
            (["r", "--format", "svg", "--group", "g", "--as-of", "2026-11-15"], true), (["r", "--group", "g"], false),
            (["r", "--format", "svg", "--from", "2026-11-01"], false),
            (["r", "--format", "svg", "--to", "2026-11-01"], false),
            (["r", "--format", "svg", "--basis", "activity"], false),
        ])
    func pictureOptions(words: [String], isFine: Bool) {
        #expect(((try? ReportCommand.parse(words)) != nil) == isFine)
    }
}
