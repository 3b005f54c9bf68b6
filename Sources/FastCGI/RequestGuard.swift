import Glibc

/// Looks at what lies in a connection's socket buffer and says when it is one whole, well-formed request.
///
/// libfcgi blocks its thread on a request that is not all there, takes what is left of one for the next, and can be
/// made to end the process by lengths and records that no web server sends. So it is called only on what passed here:
/// a begin record for a responder, parameters, body, each ended, of one request id; no management or other records, nor
/// any hidden in padding; no parameter longer than its stream, and none that holds a zero byte, where libfcgi would end it;
/// nothing over the limits.
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
            if phase == .body, record.type == RecordHeader.Kind.body, content.isEmpty {
                return .complete(isFollowed: bytes.count > offset)
            }
        }
    }

    /// What the header alone already decides.
    private func judge(_ record: RecordHeader) -> Finding? {
        guard record.version == 1 else { return .refused(.notFastCGI) }
        switch (phase, record.type) {
        case (.begin, RecordHeader.Kind.begin):
            guard record.requestID != 0, record.contentBytes == Self.beginBodyBytes else {
                return .refused(.malformedBegin)
            }
        case (.parameters, RecordHeader.Kind.parameters):
            guard record.requestID == requestID else { return .refused(.foreignRequestID) }
        case (.body, RecordHeader.Kind.body):
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
            if walker.hasZeroByte { return .zeroByte }
        case .body:
            bodyBytes += content.count
        }
        return nil
    }
}

/// The header of a FastCGI record (FastCGI 1.0, section 3.3).
struct RecordHeader {
    /// FastCGI 1.0, section 8.
    enum Kind {
        static let begin: UInt8 = 1
        static let end: UInt8 = 3
        static let parameters: UInt8 = 4
        static let body: UInt8 = 5
        static let output: UInt8 = 6
    }

    static let contentBytesMax = 65_535

    let version: UInt8
    let type: UInt8
    let requestID: Int
    let contentBytes: Int
    let paddingBytes: Int

    /// Of a record to send.
    init(_ type: UInt8, requestID: UInt16, contentBytes: Int) {
        version = 1
        self.type = type
        self.requestID = Int(requestID)
        self.contentBytes = contentBytes
        paddingBytes = 0
    }

    func append(to bytes: inout [UInt8]) {
        bytes += [version, type]
        for number in [requestID, contentBytes] {
            bytes += [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
        }
        bytes += [UInt8(truncatingIfNeeded: paddingBytes), 0]
    }

    /// Reads the eight bytes at `offset`, which must be there.
    init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        version = bytes[offset]
        type = bytes[offset + 1]
        requestID = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
        contentBytes = Int(bytes[offset + 4]) << 8 | Int(bytes[offset + 5])
        paddingBytes = Int(bytes[offset + 6])
    }
}

/// Walks a stream of FastCGI name-value pairs (FastCGI 1.0, section 3.4), handed over in pieces, for their lengths.
///
/// libfcgi asserts that lengths are sane, and an assertion ends the process; so they are looked at before it does.
struct ParameterWalker {
    /// The bytes of names and values so far, those announced included.
    private(set) var announcedBytes = 0

    /// Whether a name or a value holds one.
    private(set) var hasZeroByte = false

    /// Bytes of the current pair's name and value that are still to come.
    private var pending = 0
    /// The length that is being read, and how many of its bytes are still to come.
    private var length = 0
    private var lengthBytesPending = 0
    /// The current pair's name length, once it is read.
    private var nameLength: Int?

    /// Whether the stream may end here.
    var isAtPairBoundary: Bool {
        pending == 0 && lengthBytesPending == 0 && nameLength == nil
    }

    /// Goes on with the next piece of the stream.
    mutating func walk(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        while index < bytes.count {
            if pending > 0 {
                let count = min(pending, bytes.count - index)
                if let start = bytes.baseAddress, memchr(start + index, 0, count) != nil { hasZeroByte = true }
                pending -= count
                index += count
            } else {
                take(lengthByte: Int(bytes[index]))
                index += 1
            }
        }
    }

    /// A length is one byte, or four when the first has its highest bit set.
    private mutating func take(lengthByte byte: Int) {
        if lengthBytesPending > 0 {
            length = length << 8 | byte
            lengthBytesPending -= 1
        } else if byte & 0x80 != 0 {
            length = byte & 0x7F
            lengthBytesPending = 3
        } else {
            length = byte
        }
        if lengthBytesPending == 0 { finishLength() }
    }

    private mutating func finishLength() {
        guard let name = nameLength else {
            nameLength = length
            return
        }
        nameLength = nil
        pending = name + length
        announcedBytes += pending
    }
}

/// Why a connection is closed without its request being looked at.
enum RequestRefusal: String, Sendable {
    case notFastCGI = "what arrives is not FastCGI 1"
    case malformedBegin = "its begin record is malformed"
    case notForResponder = "it asks for a FastCGI role other than responder"
    case unexpectedRecord = "it holds a FastCGI record that has no place there"
    case foreignRequestID = "it holds a FastCGI record of another request"
    case unskippedPadding = "it pads a record whose padding libfcgi would take for records"
    case malformedParameters = "its parameters do not end where their lengths say"
    case zeroByte = "a parameter of it holds a zero byte"
    case tooLong = "it is longer than a request may be"
    case tooSlow = "it did not arrive whole in time; is fastcgi_request_buffering on?"
    case libraryRefused = "libfcgi could not read it"
    case cutShort = "its body ends before its end-of-stream record"
}
