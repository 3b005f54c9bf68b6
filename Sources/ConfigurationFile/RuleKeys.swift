/// Every key that `rules.yaml` may have, section by section, as `Keys` has those of `config.yaml`. Keys that are ids or
/// names are not among them.
enum RuleKeys {
    enum File: String, Keys.Section {
        case sites

        static let place = "the file's first level"
    }

    enum Site: String, Keys.Section {
        case onlyDeclared, rules, features

        static let place = "a site"
    }

    enum Rule: String, Keys.Section {
        case name, outcomes, groups

        static let place = "a rule"
    }

    enum Group: String, Keys.Section {
        case outcomes, baseline, conversion, windowDays, tau

        static let place = "a group"
    }

    static let sections: [any Keys.Section.Type] = [File.self, Site.self, Rule.self, Group.self]
}
