import ConfigurationFile
import Testing

@Suite("What is risky though valid")
struct RiskTests {
    private static let jwt = ["jwt:", "  secret: s", "  algorithms: [HS256]"]
    private static let inLogs = "so that tokens end up in logs, nginx's error log among them"

    @Test("A plain configuration has nothing that is")
    func plain() throws {
        #expect(try Sample.warnings(Sample.text()) == [])
        let accept = ["credentials: { accept: [session, bearer] }"]
        #expect(try Sample.warnings(Sample.text(site: ["origins: []", "session: nginx"] + accept + Self.jwt)) == [])
    }

    @Test("Origins, sessions and credentials that let everybody in are warned of, each on its line")
    func everybody() throws {
        let site = ["session: presence", "credentials:", "  required: false", "origins: any"]
        #expect(
            try Sample.warnings(Sample.text(site: site)) == [
                "10: `session: presence` lets everybody in who makes up a session cookie: set `session: nginx`, so that "
                    + "nginx asks whoever knows, or `session: off`",
                "12: `required: false` counts requests without any credential, so that everybody can make up visitors: "
                    + "take it out, and set `session: nginx` or add `jwt` where there is neither",
                "13: `origins: any` lets the pages of every other site call in the name of their visitors: list those that "
                    + "may, such as [https://www.example.com]",
            ])
        #expect(try Sample.warnings(Sample.text(site: site + ["analytics: false"])) == [])
    }

    private static let noSession =
        "`sites.default` accepts no session, and the session cookie is all that Zephr's own pages send: they are answered "
        + "401. Set `session: nginx`, unless all pages that call send a token"

    @Test("A site that requires credentials and takes no session is warned of, whether it says so or leaves it out")
    func noSession() throws {
        let accept = ["origins: []", "credentials: { accept: [bearer] }"] + Self.jwt
        #expect(try Sample.warnings(Sample.text(site: accept)) == ["9: \(Self.noSession)"])
        #expect(try Sample.warnings(Sample.text(site: accept + ["session: off"])) == ["15: \(Self.noSession)"])
        let conversions = ["origins: []", "credentials: { required: conversions, accept: [bearer] }"] + Self.jwt
        #expect(try Sample.warnings(Sample.text(site: conversions)) == ["9: \(Self.noSession)"])
        #expect(try Sample.warnings(Sample.text(site: accept + ["analytics: false"])) == [])
    }

    @Test("Exposures without a credential are not warned of: the guide says what they risk")
    func conversions() throws {
        let site = ["origins: []", "session: nginx", "credentials: { required: conversions }"]
        #expect(try Sample.warnings(Sample.text(site: site)) == [])
    }

    @Test("Tokens in the query are warned of, whether they are accepted by default or outright")
    func query() throws {
        let site = ["origins: []", "session: nginx"] + Self.jwt
        #expect(
            try Sample.warnings(Sample.text(site: site)) == [
                "12: tokens may stand in the query by default, \(Self.inLogs): unless pages need it set "
                    + "`credentials.accept` to [session, x-blaize-jwt, x-zephr-jwt, bearer, cookie] or to some of these"
            ])
        #expect(
            try Sample.warnings(Sample.text(site: site + ["credentials:", "  accept: [session, bearer, query]"]))
                == ["16: `accept` has `query`, \(Self.inLogs): take it out unless pages need it"])
        #expect(try Sample.warnings(Sample.text(site: ["origins: []", "session: nginx"])) == [])
    }

    @Test("A socket that everybody may connect to is warned of, unless it looks at its peers")
    func sockets() throws {
        let connect = "lets every user of this machine connect: take that from others, as \"0660\" does"
        let peers = ", or name those who may in `allowedPeers`"
        let open = Sample.text(
            responder: ["mode: 0662", "exposureSocket: e", "exposureMode: 0622"],
            aggregator: ["mode: 0666", "analyticsMode: 0777"])
        #expect(
            try Sample.warnings(open) == [
                "4: `mode` \(connect)\(peers)", "6: `exposureMode` \(connect)", "11: `mode` \(connect)\(peers)",
                "12: `analyticsMode` \(connect)",
            ])
        let read = Sample.text(responder: ["mode: 0664"], aggregator: ["mode: 0675", "analyticsMode: 0664"])
        #expect(try Sample.warnings(read) == [])
        let named = ["mode: 0666", "allowedPeers: [www-data]"]
        #expect(try Sample.warnings(Sample.text(responder: named, aggregator: named)) == [])
        #expect(try Sample.warnings(Sample.text(responder: ["mode: 0666", "allowedPeers: []"])).count == 1)
    }

    @Test("A warning is placed as a mistake is, and what aliases repeat is warned of once")
    func placed() throws {
        let text = Sample.text(site: ["origins: &origins any", "session: nginx"])
        let configuration = try Sample.configuration(text + "  other: { origins: *origins, session: nginx }\n")
        #expect(configuration.warnings.map(\.file) == [Sample.file])
        #expect(configuration.warnings.map(\.line) == [10])
    }
}
