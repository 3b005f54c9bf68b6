import Records
import Glibc

/// One responder's connection: reads its frames, hands records to the group commit, writes the answers. Lives in its
/// ``IngestServer`` alone.
final class ResponderConnection {
    /// Names a connection where the connection itself cannot go. A descriptor's number is used again; the serial is not.
    struct ID: Hashable, Sendable {
        let descriptor: CInt
        let serial: UInt64
    }

    /// For what tells how an erasure or a deletion goes. Answers have a limit of their own.
    private static let outputBytesMax = 4096

    let id: ID
    private let processID: Int32
    /// As whom the peer runs.
    let user: uid_t
    private var arrived = FrameBuffer()
    /// nil before the hello.
    private(set) var responder: ConnectedResponder.ID?
    private(set) var epoch: SubjectEpoch?
    /// It is closed once that was tried to be told.
    private(set) var isClosing = false
    /// Whether a `forget` or a `tidy` is not answered yet.
    var isKeeping = false
    var isWatchedForWriting = false
    /// What the socket has not taken yet, and where in it answers end, with how many records each is for.
    private var output: [UInt8] = []
    private var outputStart = 0
    private var answers: [(end: Int, records: Int)] = []
    /// Records whose answers have not left: one who never reads cannot have answers pile up here.
    private(set) var unanswered = 0

    init(id: ID, processID: Int32, user: uid_t) {
        self.id = id
        self.processID = processID
        self.user = user
    }

    deinit {
        Glibc.close(id.descriptor)
    }

    // MARK: Reading

    enum Arrival {
        /// There is nothing more to read now.
        case nothing
        case bytes
        case ended
    }

    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Arrival {
        while true {
            let count = recv(id.descriptor, buffer.baseAddress, buffer.count, CInt(MSG_DONTWAIT))
            if count > 0 {
                arrived.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                return .bytes
            }
            if count == 0 { return .ended }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .nothing
            default: return .ended
            }
        }
    }

    /// The next frame; nil when it is not all there yet.
    func nextFrame() throws(FrameFault) -> ResponderFrame? {
        isClosing ? nil : try arrived.next(ResponderFrame.init(decoding:))
    }

    func greeted(_ version: UInt16, _ epoch: SubjectEpoch, inFlightMax: UInt32, by statistics: AggregatorStatistics) {
        responder = statistics.responderConnected(processID: processID)
        self.epoch = epoch
        write(.welcome(version: version, inFlightMax: inFlightMax))
    }

    // MARK: Writing

    func write(_ frame: AggregatorFrame) {
        if !isClosing { output += frame.encoded() }
    }

    func submitted(records count: Int) {
        unanswered += count
    }

    func answer(_ frame: AggregatorFrame, forRecords count: Int) {
        write(frame)
        answers.append((output.count, count))
    }

    /// The last that is written.
    func close(because reason: String) {
        write(.closing(reason: reason))
        isClosing = true
    }

    /// Whether what waits to be written is little.
    var hasRoom: Bool { output.count - outputStart < Self.outputBytesMax }

    /// Whether there is nothing left to write.
    var isFlushed: Bool { outputStart == output.count }

    /// Writes what the socket takes; false when the peer is gone.
    func flush() -> Bool {
        while outputStart < output.count {
            let count = output.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[outputStart...])
                return send(id.descriptor, rest.baseAddress, rest.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if count >= 0 {
                outputStart += count
                letGoOfAnswers()
            } else if errno == EAGAIN {
                return true
            } else if errno != EINTR {
                return false
            }
        }
        output.removeAll(keepingCapacity: true)
        outputStart = 0
        return true
    }

    /// Counts off the records whose answers have left.
    private func letGoOfAnswers() {
        let left = answers.prefix { $0.end <= outputStart }
        unanswered -= left.reduce(0) { $0 + $1.records }
        answers.removeFirst(left.count)
    }
}
