/// The forward protocol's constants; `docs/forward-protocol.md` describes it byte by byte.
public enum ForwardProtocol {
    /// What both ends of this version say in `hello` and `welcome`.
    public static let version: UInt16 = 1
    /// The first bytes of a `hello`, so that a stranger is told from a responder.
    static let magic: [UInt8] = Array("ROFP".utf8)

    /// The longest frame, its four length bytes apart.
    public static let frameBytesMax = 1 << 20
    /// The longest run of records in one frame: what is left beside type and count.
    public static let recordBytesPerFrameMax = frameBytesMax - 5
}
