import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Daemon

@Suite("Output to a pipe")
struct OutputTests {
    @Test("all of it is written where the other end has made the pipe non-blocking and reads slowly")
    func nonBlocking() throws {
        let pipe = try OnePagePipe()
        let bytes = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 / 251) }
        let code = Mutex<Int32?>(nil)
        // A thread of its own, since both ends wait for each other.
        Thread.detachNewThread {
            let result = Output(descriptor: pipe.writing).errorWriting(bytes)
            code.withLock { $0 = result }
            pipe.endWriting()
        }
        #expect(pipe.readToEnd() == bytes)
        #expect(code.withLock { $0 } == 0)
    }

    @Test("a reader that is gone, and a descriptor that is none, are told apart")
    func gone() throws {
        let pipe = try OnePagePipe()
        pipe.endReading()
        #expect(Output(descriptor: pipe.writing).errorWriting([1]) == EPIPE)
        #expect(Output(descriptor: -1).errorWriting([1]) == EBADF)
    }

    @Test("a log that nobody reads loses whole lines, holds nobody up, and says how many were lost")
    func unreadLog() throws {
        let pipe = try OnePagePipe()
        let output = LogOutput(descriptor: pipe.writing)
        for number in 0..<10 { output.write("line \(number)\n", lost: Self.lost) }
        #expect(pipe.readHeld() == "line 0\n")
        output.write("after\n", lost: Self.lost)
        #expect(pipe.readHeld() == "9 lost\nafter\n")
        output.write("last\n", lost: Self.lost)
        #expect(pipe.readHeld() == "last\n")
    }

    @Test("a line that is longer than a pipe holds goes on where it was cut, before any other")
    func longLine() throws {
        let pipe = try OnePagePipe()
        let output = LogOutput(descriptor: pipe.writing)
        let line = (0..<9999).map { "\(UnicodeScalar(UInt8(65 + $0 % 26)))" }.joined() + "\n"
        var read = ""
        for text in [line, "not begun\n", "not begun\n", "next\n"] {
            output.write(text, lost: Self.lost)
            read += pipe.readHeld()
        }
        #expect(read == line + "2 lost\nnext\n")
    }

    private static func lost(_ count: Int) -> String { "\(count) lost\n" }
}
