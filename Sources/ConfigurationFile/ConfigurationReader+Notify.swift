// The section `notify`, which neither daemon reads: apart from theirs in `ConfigurationReader.swift`.

extension ConfigurationReader {
    static let quietHoursAllowed = 1...720
    private static let argumentsMax = 64
    private static let consoleExpected =
        "the console's address as people open it, such as `https://intern.example.com/rule-outcomes/console/`"

    mutating func notify(_ entry: Entry) -> NotifyConfiguration? {
        guard let section = section(entry, titled: "`notify`", Keys.Notify.self) else { return nil }
        let command = section[.command].flatMap { self.command($0) }
        let webhook = self.webhook(section)
        if section[.command] == nil, section[.webhook] == nil {
            note(section.line, "`notify` tells nobody: add `command` or `webhook`, or take it out")
        }
        let console = section[.console].flatMap { self.console($0) }
        let quietHours = wholeNumber(section[.quietHours], in: Self.quietHoursAllowed)
        let stateDirectory = section[.stateDirectory].flatMap { path($0, "the path of a directory") }
        var configuration = NotifyConfiguration(command: command, webhook: webhook, console: console)
        configuration.quietHours = quietHours ?? configuration.quietHours
        configuration.stateDirectory = stateDirectory ?? configuration.stateDirectory
        return configuration
    }

    /// No shell reads it, so its words are listed.
    private mutating func command(_ entry: Entry) -> [String]? {
        let expected = "a list of a program's absolute path and its arguments, such as [/usr/local/bin/tell-the-team]"
        guard case .sequence(let nodes) = entry.value, (1...Self.argumentsMax).contains(nodes.count) else {
            let found =
                if case .sequence(let nodes) = entry.value { "not of \(nodes.count)" } else {
                    "not \(kind(of: entry.value))"
                }
            note(entry, mustBe: expected, found)
            return nil
        }
        let words = nodes.compactMap { text(Entry(elementOf: entry, $0), "a word of a command") }
        guard let program = words.first, words.count == nodes.count else { return nil }
        guard program.hasPrefix("/") else {
            note(entry, mustBe: expected, "not \(program.shown)")
            return nil
        }
        return words
    }

    private mutating func webhook(_ section: Section<Keys.Notify>) -> NotifyConfiguration.Webhook? {
        switch (section[.webhook], section[.webhookSecret]) {
        case (nil, nil): return nil
        case (nil, let secret?):
            note(secret.line, "\(secret.title) goes only with `webhook`: take it out, or add that")
            return nil
        case (let webhook?, nil):
            note(
                webhook.line,
                "`webhook` lacks `webhookSecret`: add it, the path of a file with the secret that notices are signed with"
            )
            return nil
        case (let webhook?, let secret?):
            // Many addresses let in whoever knows them, so none stands in this file.
            if case .scalar(let scalar) = webhook.value, scalar.string.contains("://") {
                note(webhook, mustBe: "the path of a file that holds the URL, which may be a secret", "not the URL")
                return nil
            }
            guard let url = keyFile(webhook), let secret = keyFile(secret) else { return nil }
            return NotifyConfiguration.Webhook(url: url, secret: secret)
        }
    }

    private mutating func console(_ entry: Entry) -> HTTPSURL? {
        guard let text = text(entry, Self.consoleExpected) else { return nil }
        guard let url = HTTPSURL(text), !text.contains("?") else {
            note(entry, mustBe: Self.consoleExpected, "with `https://` and without a query")
            return nil
        }
        return url
    }
}
