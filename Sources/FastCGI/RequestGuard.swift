/// Looks at what lies in a connection's socket buffer and says when it is one whole, well-formed request.
///
/// libfcgi blocks its thread on a request that is not all there, takes what is left of one for the next, and can be
/// made to end the process by lengths and records that no web server sends. So it is called only on what passed here:
/// a begin record for a responder, parameters, body, each ended, of one request id; no management or other records, nor
/// any hidden in padding; no parameter longer than its stream; nothing over the limits.
///
/// The buffer is looked at from its beginning each time, as more arrives; what was walked before is not walked again.
struct RequestGuard {
    enum Finding: Equatable {
        /// Not all there: nothing new can be said before so many bytes are.
        case incomplete(bytesNeeded: Int)
        /// A whole request. `isFollowed` says that more came behind it, which no web server sends unanswered.
        case complete(isFollowed: Bool)
        /// Parameters are there, but the body is longer than it may be.
        case bodyTooLarge
        case refused(RequestRefusal)
    }

    private enum Phase {
        case begin
        case parameters
        case body
    }

    private static let headerBytes = 8
    private static let beginBodyBytes = 8
    private static let responderRole = 1

    private enum RecordType {
        static let begin: UInt8 = 1
        static let parameters: UInt8 = 4
        static let body: UInt8 = 5
    }

    private let limits: ServerLimits
    private var phase = Phase.begin
    private var offset = 0
    private var requestID = 0
    private var walker = ParameterWalker()
    private var bodyBytes = 0

    init(limits: ServerLimits) {
        self.limits = limits
    }

    /// `bytes` are all that lies in the socket buffer, or its first ``ServerLimits/requestBytesMax`` and one more.
    mutating func examine(_ bytes: UnsafeRawBufferPointer) -> Finding {
        while true {
            let start = offset + Self.headerBytes
            guard start <= limits.requestBytesMax else { return .refused(.tooLong) }
            guard bytes.count >= start else { return .incomplete(bytesNeeded: start) }
            let record = RecordHeader(bytes, at: offset)
            if let finding = judge(record) { return finding }
            let end = start + record.contentBytes + record.paddingBytes
            guard end <= limits.requestBytesMax else { return .refused(.tooLong) }
            guard bytes.count >= end else { return .incomplete(bytesNeeded: end) }
            let content = UnsafeRawBufferPointer(rebasing: bytes[start..<start + record.contentBytes])
            offset = end
            if let refusal = take(content, of: record) { return .refused(refusal) }
            if phase == .body, record.type == RecordType.body, content.isEmpty {
                return .complete(isFollowed: bytes.count > offset)
            }
        }
    }

    /// What the header alone already decides.
    private func judge(_ record: RecordHeader) -> Finding? {
        guard record.version == 1 else { return .refused(.notFastCGI) }
        switch (phase, record.type) {
        case (.begin, RecordType.begin):
            guard record.requestID != 0, record.contentBytes == Self.beginBodyBytes else {
                return .refused(.malformedBegin)
            }
        case (.parameters, RecordType.parameters):
            guard record.requestID == requestID else { return .refused(.foreignRequestID) }
        case (.body, RecordType.body):
            guard record.requestID == requestID else { return .refused(.foreignRequestID) }
            if bodyBytes + record.contentBytes > limits.bodyBytesMax { return .bodyTooLarge }
        default:
            return .refused(.unexpectedRecord)
        }
        return isPaddingSkipped(record) ? nil : .refused(.unskippedPadding)
    }

    /// Whether libfcgi skips a record's padding. It forgets that of a begin record, and of an empty record that ends a
    /// stream, and takes its bytes for the next records: anything could be hidden there. No web server pads those.
    private func isPaddingSkipped(_ record: RecordHeader) -> Bool {
        record.paddingBytes == 0 || (phase != .begin && record.contentBytes > 0)
    }

    /// Takes in a whole record's content and goes to the next phase where that ends the present one.
    private mutating func take(_ content: UnsafeRawBufferPointer, of record: RecordHeader) -> RequestRefusal? {
        switch phase {
        case .begin:
            guard Int(content[0]) << 8 | Int(content[1]) == Self.responderRole else { return .notForResponder }
            requestID = record.requestID
            phase = .parameters
        case .parameters where content.isEmpty:
            guard walker.isAtPairBoundary else { return .malformedParameters }
            phase = .body
        case .parameters:
            walker.walk(content)
            if walker.announcedBytes > limits.requestBytesMax { return .malformedParameters }
        case .body:
            bodyBytes += content.count
        }
        return nil
    }
}
