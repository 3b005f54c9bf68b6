import Records

@testable import ConfigurationFile

/// What holds of every `config.yaml` and every `rules.yaml`, as texts.
enum ConfigurationProperties {
    private static let file = "/etc/rule-outcomes/config.yaml"

    static func check(_ bytes: [UInt8]) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        let configuration: Configuration
        do throws(ConfigurationErrors) {
            configuration = try Configuration.parse(text: text, file: file)
        } catch {
            return try check(error.errors, text)
        }
        try check(configuration, text)
    }

    static func checkRules(_ bytes: [UInt8]) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        let rules: Rules
        do throws(ConfigurationErrors) {
            rules = try Rules.parse(text: text, file: file, sites: nil)
        } catch {
            return try check(error.errors, text)
        }
        try hold(try Rules.parse(text: text, file: file, sites: nil) == rules, "a text reads the same again")
        for site in rules.sites.values { try check(site) }
    }

    /// Errors are for a terminal: each a line, in the order of the text's.
    private static func check(_ errors: [ConfigurationError], _ text: String) throws {
        let breaks: Set<Unicode.Scalar> = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]
        // The parser takes the end of a text for a line of its own, whether the last one is ended or not.
        let lineCount = 2 + text.unicodeScalars.count { breaks.contains($0) }
        try hold(errors == errors.inOrder, "errors are in order, each once")
        for error in errors {
            try hold(error.line.map { (1...lineCount).contains($0) } ?? true, "an error's line is one of the text's")
            let isPlain = !error.message.unicodeScalars.contains { $0.properties.generalCategory == .control }
            try hold(isPlain, "an error has no control characters")
            try hold(
                !error.message.isEmpty && error.message.utf8.count < 16_384, "an error says something, and not all")
        }
    }

    // MARK: config.yaml

    private static func check(_ configuration: Configuration, _ text: String) throws {
        try hold(try Configuration.parse(text: text, file: file) == configuration, "a text reads the same again")
        try check(configuration.warnings, text)
        let responder = configuration.responder
        try hold((10...60_000).contains(responder.deadlineMilliseconds), "a deadline is within its limits")
        try hold((1...65_536).contains(responder.inFlightMax), "so are the records in flight")
        try hold((1...65_536).contains(responder.connectionsMax), "and connections")
        var paths = [responder.subjectSecret.path, responder.keysDirectory, configuration.aggregator.dataDirectory]
        let sockets =
            [configuration.aggregator.socket, configuration.aggregator.analyticsSocket]
            + [responder.exposureSocket, path(responder.listen)].compactMap(\.self)
        try hold(Set(sockets).count == sockets.count, "no two sockets are one")
        for site in configuration.sites.values {
            paths += [site.jwt?.secret, site.jwt?.publicKey, site.jwt?.jwks].compactMap { $0?.path }
            try check(site)
        }
        for path in paths + sockets {
            try hold(path.hasPrefix("/") && !path.unicodeScalars.contains { $0.value < 0x20 }, "a path is a path")
        }
        for name in configuration.sites.keys { try checkName(name) }
        try hold(!configuration.sites.isEmpty, "there is a site")
    }

    private static func path(_ listen: ResponderConfiguration.Listen) -> String? {
        if case .unix(let path) = listen { path } else { nil }
    }

    private static func check(_ site: SiteConfiguration) throws {
        if let jwt = site.jwt {
            try hold(!jwt.algorithms.isEmpty, "some algorithm is allowed")
            let keys = [jwt.secret, jwt.publicKey, jwt.jwks].compactMap(\.self)
            try hold(!keys.isEmpty, "there is a key for tokens")
        }
        try hold((1...90).contains(site.windowDays), "a window is within its limits")
        try hold(site.retentionDays > 0, "visitors are kept for some days")
        guard case .list(let origins) = site.origins else { return }
        for origin in origins {
            try hold(origin == "null" || origin.contains("://"), "an origin is one")
            try hold(origin.utf8.allSatisfy { (0x21...0x7E).contains($0) }, "an origin may stand in a header")
            try hold(origin == origin.lowercased(), "an origin is in lower case, as browsers send it")
        }
    }

    private static func checkName(_ name: String) throws {
        let isPlain = name.utf8.allSatisfy { byte in
            byte.isLetter || byte.isDigit || [0x2E, 0x5F, 0x2D].contains(byte)
        }
        try hold(isPlain && (1...Limits.siteBytesMax).contains(name.utf8.count), "a name is one")
    }

    // MARK: rules.yaml

    private static func check(_ site: SiteRules) throws {
        for (feature, rule) in site.features {
            try hold(site.rules[rule] != nil && site.rules[feature] == nil, "a feature stands for a rule")
        }
        for (id, rule) in site.rules {
            try hold((1...Limits.ruleIDBytesMax).contains(id.text.utf8.count), "a rule's id is within its limit")
            let grouped = rule.groups.flatMap { $0.shares.map(\.outcome) }
            try hold(Set(grouped).count == grouped.count, "no outcome is in two groups")
            for group in rule.groups {
                try checkName(group.name)
                try hold(group.shares.count >= 2, "a group has two outcomes at least")
                try hold(group.shares.allSatisfy { (1...1_000_000).contains($0.weight) }, "weights are within limits")
                try hold(group.shares.contains { $0.outcome == group.baseline }, "the baseline is one of them")
                try hold((1...90).contains(group.windowDays), "a window is within its limits")
                try hold((0.0001...0.5).contains(group.tau), "so is τ")
            }
        }
    }
}
