/// The answer to a request, as it goes to the web server.
public struct EncodedResponse: Sendable {
    /// As CGI has it.
    public let bytes: [UInt8]
    /// As a connection has it whose request is called 1, as web servers call it that send one at a time.
    private let records: [UInt8]

    init(bytes: [UInt8]) {
        self.bytes = bytes
        records = Self.records(bytes, requestID: 1)
    }

    func records(ofRequest requestID: UInt16) -> [UInt8] {
        requestID == 1 ? records : Self.records(bytes, requestID: requestID)
    }

    /// FastCGI 1.0, sections 3.3 and 5.5: the bytes as stdout, its end, and the request's end.
    private static func records(_ bytes: [UInt8], requestID: UInt16) -> [UInt8] {
        var records: [UInt8] = []
        records.reserveCapacity(bytes.count + 64)
        for start in stride(from: 0, to: bytes.count, by: RecordHeader.contentBytesMax) {
            let content = bytes[start...].prefix(RecordHeader.contentBytesMax)
            RecordHeader(RecordHeader.Kind.output, requestID: requestID, contentBytes: content.count).append(
                to: &records)
            records += content
        }
        RecordHeader(RecordHeader.Kind.output, requestID: requestID, contentBytes: 0).append(to: &records)
        // Neither the application's status nor the protocol's says anything: four zeros, a zero, and three reserved ones.
        RecordHeader(RecordHeader.Kind.end, requestID: requestID, contentBytes: 8).append(to: &records)
        records += [UInt8](repeating: 0, count: 8)
        return records
    }
}

/// The answer to a request.
public struct Response: Sendable, Equatable {
    public struct Header: Sendable, Equatable {
        public let name: String
        public let value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public let status: Int
    public let reasonPhrase: String
    public private(set) var headers: [Header] = []
    public var body: String

    public init(status: Int, reasonPhrase: String, body: String = "") {
        self.status = status
        self.reasonPhrase = reasonPhrase
        self.body = body
    }

    public mutating func add(_ name: String, _ value: String) {
        headers.append(Header(name: name, value: value))
    }

    /// The value of the first header of that name, compared without regard to case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// As CGI has it: a `Status` line, the headers, an empty line, the body (RFC 3875, section 6).
    public func encoded() -> EncodedResponse {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512 + body.utf8.count)
        Self.append(line: ["Status: \(status) ", reasonPhrase], to: &bytes)
        for header in headers { Self.append(line: [header.name, ": ", header.value], to: &bytes) }
        Self.append(line: [], to: &bytes)
        bytes.append(contentsOf: body.utf8)
        return EncodedResponse(bytes: bytes)
    }

    private static func append(line parts: [String], to bytes: inout [UInt8]) {
        let start = bytes.count
        for part in parts { bytes.append(contentsOf: part.utf8) }
        // A header's value may echo what came from outside, which must not end its line.
        if bytes[start...].contains(where: isControl) {
            let clean = bytes[start...].filter { !isControl($0) }
            bytes.replaceSubrange(start..., with: clean)
        }
        bytes.append(contentsOf: "\r\n".utf8)
    }

    private static func isControl(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F
    }
}
