import Records

/// Why bytes are no frame of the forward protocol. It ends the connection, and only that.
public enum FrameFault: Error, Equatable, Sendable, CustomStringConvertible {
    case empty
    case tooLong(bytes: Int)
    case unknownType(UInt8)
    case notForwardProtocol
    case unknownRefusal(UInt8)
    /// A byte that says which of a few things is meant says none of them.
    case unknownCode(UInt8)
    /// The records in a frame are not as many as it says.
    case otherCount
    /// The figures of a status are not in rising order.
    case figureOrder
    case malformed(DecodingFault)

    public var description: String {
        switch self {
        case .empty: "a frame is empty"
        case .tooLong(let bytes): "a frame of \(bytes) bytes is over \(ForwardProtocol.frameBytesMax)"
        case .unknownType(let type): "a frame's type \(type) is unknown"
        case .notForwardProtocol: "what arrives is not the forward protocol"
        case .unknownCode(let code): "a frame's code \(code) is unknown"
        case .unknownRefusal(let reason): "a refusal's reason \(reason) is unknown"
        case .otherCount: "a frame does not hold as many records as it says"
        case .figureOrder: "the figures of a status are not in rising order"
        case .malformed(let fault): "a frame is malformed: \(fault)"
        }
    }
}
