/// What a page could not show, and what would help.
struct ProblemPage {
    let frame: Frame
    let title: String
    let detail: String
    let back: String
}
