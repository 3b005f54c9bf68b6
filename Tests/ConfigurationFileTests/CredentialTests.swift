import ConfigurationFile
import Testing

@Suite("A site's credentials, taken together")
struct CredentialTests {
    private static let jwt = ["jwt:", "  secret: s", "  algorithms: [HS256]"]
    private static let nothing =
        "`sites.default` requires credentials but can verify none, so no request can pass: add `jwt`, "
        + "set `session: nginx`, or set `credentials.required: false`"
    private static let noSession =
        "`session` is set, but `credentials.accept` leaves it out: add `session` there, or set `session: off`"
    private static let noToken =
        "`jwt` is given, but `credentials.accept` has no place for a token: "
        + "add one of query, x-blaize-jwt, x-zephr-jwt, bearer, cookie there, or take `jwt` out"

    @Test(
        "A site that would refuse every request is a mistake",
        arguments: [
            ([], ["9: \(nothing)"]),
            (["session: off"], ["9: \(nothing)"]),
            (["credentials:", "  accept: [bearer]", "  required: true"], ["13: \(nothing)"]),
            (["credentials:", "  accept: []"], ["9: \(nothing)"]),
            (
                ["credentials: { required: conversions }"],
                ["11: \(nothing.replacing("no request", with: "no conversion"))"]
            ),
        ])
    func nothingVerifies(lines: [String], mistakes: [String]) {
        #expect(Sample.mistakes(Sample.text(site: ["origins: []"] + lines)) == mistakes)
    }

    @Test(
        "What can be verified but does not count is a mistake",
        arguments: [
            (["session: presence", "credentials: { accept: [bearer] }"], ["11: \(noSession)"]),
            (["session: nginx", "credentials: { accept: [bearer] }"] + jwt, ["11: \(noSession)"]),
            (["session: nginx", "credentials: { accept: [session] }"] + jwt, ["13: \(noToken)"]),
            (["credentials: { accept: [] }"] + jwt, ["12: \(noToken)"]),
            (["session: nginx", "credentials: { accept: [] }"] + jwt, ["11: \(noSession)", "13: \(noToken)"]),
        ])
    func doesNotCount(lines: [String], mistakes: [String]) {
        #expect(Sample.mistakes(Sample.text(site: ["origins: []"] + lines)) == mistakes)
    }

    @Test(
        "A site that can verify something, needs nothing or is switched off is none",
        arguments: [
            jwt, ["session: nginx", "credentials: { accept: [session] }"],
            ["credentials: { accept: [cookie] }"] + jwt, ["credentials: { required: false, accept: [] }"],
            ["credentials: { required: false }"], ["analytics: false"],
            ["credentials: { required: conversions }"] + jwt,
            ["credentials: { required: conversions }", "session: nginx"],
        ])
    func sound(lines: [String]) {
        #expect(Sample.mistakes(Sample.text(site: ["origins: []"] + lines)) == [])
    }
}
