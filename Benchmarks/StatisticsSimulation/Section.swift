/// A part of what is printed: a table, and how many goals in it are not reached.
struct Section: Sendable {
    let text: String
    let notReached: Int

    /// Works on all settings at once, as far as there are processors, and makes a row of each. The last cell of a row
    /// says whether its goal is reached.
    static func table<Setting: Sendable>(
        _ title: String, _ header: [String], _ settings: [Setting],
        row: @escaping @Sendable (_ setting: Setting, _ seed: UInt64) -> [String]
    ) async -> Section {
        var table = Table(title, header)
        table.rows = await withTaskGroup(of: (Int, [String]).self) { group in
            for (index, setting) in settings.enumerated() {
                group.addTask { (index, row(setting, UInt64(index + 1))) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        return Section(text: table.text, notReached: table.rows.count { $0.last == Goal.notReached })
    }
}
