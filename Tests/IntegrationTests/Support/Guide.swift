import Foundation

/// A guide of docs/, whose commands a test follows.
struct Guide {
    /// The shell commands of each block, in order, with the heading that it stands under.
    let blocks: [(heading: String, commands: String)]

    init(_ name: String) throws {
        let text = try String(
            contentsOf: Executables.repository.appendingPathComponent("docs").appendingPathComponent(name),
            encoding: .utf8)
        var blocks: [(String, String)] = []
        var heading = ""
        var open: [Substring]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let lines = open {
                if line == "```" {
                    blocks.append((heading, lines.joined(separator: "\n")))
                    open = nil
                } else {
                    open = lines + [line]
                }
            } else if line == "```sh" {
                open = []
            } else if line.hasPrefix("#") {
                heading = String(line.drop { $0 == "#" || $0 == " " })
            }
        }
        self.blocks = blocks
    }

    /// All commands of the blocks under a heading.
    func commands(under heading: String) -> String {
        blocks.filter { $0.heading == heading }.map(\.commands).joined(separator: "\n")
    }
}
