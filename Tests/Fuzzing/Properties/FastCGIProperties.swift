import Glibc

@testable import FastCGI

/// What holds of whatever bytes lie in a connection: the guard's word on them, and what libfcgi makes of a request that the
/// guard called whole.
final class FastCGIProperties {
    private struct Pair: Equatable {
        let name: [UInt8]
        let value: [UInt8]
    }

    private static let limits = ServerLimits(connectionsMax: 1, requestBytesMax: 8 * 1024, bodyBytesMax: 1024)

    private let reader = RequestReader()
    private let scratch = PeekBuffer(byteCount: limits.requestBytesMax + 1)

    init() throws {
        try Server.prepareLibrary()
    }

    func check(_ bytes: [UInt8]) throws {
        let bytes = Array(bytes.prefix(Self.limits.requestBytesMax + 1))
        let finding = Self.finding(in: bytes)
        try checkPieces(of: bytes, finding)
        switch finding {
        case .incomplete(let bytesNeeded):
            try hold(bytesNeeded > bytes.count, "who needs bytes needs more than there are")
        case .complete(let isFollowed):
            let count = try lengthOfWhole(bytes)
            try hold(isFollowed == (count < bytes.count), "what comes behind a request is told")
            try read(bytes, Self.request(in: Array(bytes.prefix(count))))
        case .bodyTooLarge, .refused: break
        }
    }

    private static func finding(in bytes: [UInt8]) -> RequestGuard.Finding {
        var guardian = RequestGuard(limits: limits)
        return bytes.withUnsafeBytes { guardian.examine($0) }
    }

    // MARK: The guard

    /// One guard that sees the bytes as they arrive, in pieces as the records have them, comes to the same.
    private func checkPieces(of bytes: [UInt8], _ whole: RequestGuard.Finding) throws {
        var guardian = RequestGuard(limits: Self.limits)
        var count = 0
        while true {
            let finding = bytes.withUnsafeBytes {
                guardian.examine(UnsafeRawBufferPointer(rebasing: $0[..<count]))
            }
            switch finding {
            case .incomplete(let bytesNeeded) where bytesNeeded <= bytes.count:
                try hold(bytesNeeded > count, "a guard asks for more than it has")
                count = bytesNeeded
            case .complete(let isFollowed):
                try hold(!isFollowed, "nothing is behind a request that was waited for")
                if case .complete = whole { return }
                throw PropertyFailure(description: "does not hold: what is whole in pieces is whole")
            default:
                try hold(finding == whole, "a guard finds in pieces what it finds at once")
                return
            }
        }
    }

    /// Where the request ends, and that it is whole nowhere before.
    private func lengthOfWhole(_ bytes: [UInt8]) throws -> Int {
        for count in bytes.indices {
            switch Self.finding(in: Array(bytes.prefix(count))) {
            case .incomplete(let bytesNeeded):
                try hold(bytesNeeded <= bytes.count, "no more is asked for than a whole request has")
            case .complete: return count
            default: throw PropertyFailure(description: "does not hold: the start of a request is incomplete")
            }
        }
        return bytes.count
    }

    // MARK: libfcgi

    /// Sends the bytes to libfcgi, which is not to wait for more, and compares.
    private func read(_ bytes: [UInt8], _ expected: (pairs: [Pair], body: [UInt8], id: Int)) throws {
        var sockets: [CInt] = [-1, -1]
        guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &sockets) == 0 else {
            throw PropertyFailure(description: "no sockets: \(String(cString: strerror(errno)))")
        }
        defer { sockets.forEach { close($0) } }
        let sent = bytes.withUnsafeBytes { send(sockets[0], $0.baseAddress, $0.count, CInt(MSG_DONTWAIT)) }
        try hold(sent == bytes.count, "the socket takes all")
        shutdown(sockets[0], CInt(SHUT_WR))
        var pairs: [Pair] = []
        var body: [UInt8]?
        var id = -1
        do throws(RequestReadError) {
            try reader.read(from: sockets[1], scratch: scratch.bytes, hasWholeBody: true) { head, request in
                id = Int(head.id)
                request.parameters.forEach { pairs.append(Pair(name: Array($0), value: Array($1))) }
                switch request.body {
                case .bytes(let bytes): body = Array(bytes)
                // The bytes are dropped where Content-Length says otherwise.
                case .otherLength(let count, _): body = count == expected.body.count ? expected.body : nil
                case .tooLarge: break
                }
            }
        } catch {
            if error.isClosed { sockets[1] = -1 }
            throw PropertyFailure(description: "does not hold: libfcgi reads what the guard calls whole; \(error)")
        }
        try hold(id == expected.id, "the request's id is libfcgi's")
        try hold(pairs == expected.pairs, "libfcgi reads the parameters that were sent")
        try hold(body == expected.body, "and the body")
    }

    // MARK: Another reader

    /// Reads a whole request once more, by the standard alone (FastCGI 1.0, sections 3.3 and 3.4).
    private static func request(in bytes: [UInt8]) -> (pairs: [Pair], body: [UInt8], id: Int) {
        var streams: [UInt8: [UInt8]] = [:]
        var index = 0
        var id = 0
        while index + 8 <= bytes.count {
            let start = index + 8
            let count = Int(bytes[index + 4]) << 8 | Int(bytes[index + 5])
            let end = min(start + count, bytes.count)
            streams[bytes[index + 1], default: []] += bytes[start..<end]
            id = Int(bytes[index + 2]) << 8 | Int(bytes[index + 3])
            index = start + count + Int(bytes[index + 6])
        }
        return (pairs(streams[4] ?? []), streams[5] ?? [], id)
    }

    private static func pairs(_ stream: [UInt8]) -> [Pair] {
        var rest = stream[...]
        func length() -> Int {
            guard let first = rest.popFirst() else { return 0 }
            guard first & 0x80 != 0 else { return Int(first) }
            let others = rest.prefix(3)
            rest = rest.dropFirst(3)
            return others.reduce(Int(first & 0x7F)) { $0 << 8 | Int($1) }
        }
        var pairs: [Pair] = []
        while !rest.isEmpty {
            let (nameCount, valueCount) = (length(), length())
            let name = rest.prefix(nameCount)
            let value = rest.dropFirst(nameCount).prefix(valueCount)
            rest = rest.dropFirst(nameCount + valueCount)
            if let pair = pair(Array(name) + [UInt8(ascii: "=")] + Array(value)) { pairs.append(pair) }
        }
        return pairs
    }

    /// As libfcgi hands a pair on: in one C string.
    private static func pair(_ string: [UInt8]) -> Pair? {
        let string = string.prefix { $0 != 0 }
        guard let equals = string.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        return Pair(name: Array(string[..<equals]), value: Array(string[(equals + 1)...]))
    }
}
