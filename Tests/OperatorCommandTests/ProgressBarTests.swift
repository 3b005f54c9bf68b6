import Testing

@testable import OperatorCommand

@Suite struct ProgressBarTests {
    @Test("The line says how much is done, of how much, and how fast")
    func line() {
        let line = ProgressBar(total: 200).line(done: 50, seconds: 2, columnsMax: 80)
        #expect(line == "[##########..............................]  25 %  50/200  25/s")
    }

    @Test("It fits, however narrow the terminal is", arguments: Array(0...80))
    func narrow(columnsMax: Int) {
        for done in [0, 1, 199, 200] {
            #expect(ProgressBar(total: 200).line(done: done, seconds: 0.5, columnsMax: columnsMax).count <= columnsMax)
        }
    }

    @Test("Nothing is divided by no time")
    func start() {
        #expect(ProgressBar(total: 1).line(done: 0, seconds: 0, columnsMax: 20) == "[...]  0 %  0/1  0/s")
    }
}
