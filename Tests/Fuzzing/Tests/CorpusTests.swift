import Testing

/// What is fuzzed, without a search: every input of the corpus.
@Suite("Properties of what reads bytes from outside", .timeLimit(.minutes(5)))
struct CorpusTests {
    @Test("every input of the corpus has its target's properties", arguments: FuzzTarget.all)
    func corpus(target: FuzzTarget) throws {
        let check = try target.make()
        let files = try Corpus.files(of: target.name)
        #expect(!files.isEmpty)
        for file in files {
            #expect(throws: Never.self, "\(file)") { try check(file.bytes) }
        }
    }
}
