@testable import FastCGI

/// What a handler was given, kept beyond its call.
struct HandledRequest: Sendable {
    struct Parameters: Sendable {
        fileprivate(set) var pairs: [(name: [UInt8], value: [UInt8])] = []

        func all(_ name: String) -> [[UInt8]] {
            pairs.filter { $0.name.elementsEqual(name.utf8) }.map(\.value)
        }

        func text(_ name: String) -> String? {
            all(name).last.map { String(decoding: $0, as: UTF8.self) }
        }

        var byteCount: Int {
            pairs.reduce(0) { $0 + $1.name.count + $1.value.count }
        }
    }

    enum Body: Sendable {
        case bytes([UInt8])
        case tooLarge
        case otherLength(bytes: Int, announced: String)
    }

    private(set) var parameters = Parameters()
    let body: Body

    init(_ request: Request) {
        body =
            switch request.body {
            case .bytes(let bytes): .bytes(Array(bytes))
            case .tooLarge: .tooLarge
            case .otherLength(let bytes, let announced): .otherLength(bytes: bytes, announced: announced)
            }
        request.parameters.forEach { parameters.pairs.append((Array($0), Array($1))) }
    }

    /// The body, where it was read.
    var bodyBytes: [UInt8]? {
        guard case .bytes(let bytes) = body else { return nil }
        return bytes
    }
}
