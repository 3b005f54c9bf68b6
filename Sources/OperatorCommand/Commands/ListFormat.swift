import ArgumentParser

/// The forms of what has no CSV.
enum ListFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json
}
