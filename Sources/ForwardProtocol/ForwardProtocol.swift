/// The forward protocol's constants; `docs/forward-protocol.md` describes it byte by byte.
public enum ForwardProtocol {
    /// What a responder of this version says in `hello`.
    public static let version: UInt16 = 4
    /// The versions that an aggregator of this version speaks, so that it can be replaced before its responders are.
    public static let versionsSpoken: ClosedRange<UInt16> = 1...version
    /// The first bytes of a `hello`, so that a stranger is told from a responder.
    static let magic: [UInt8] = Array("ROFP".utf8)

    /// The longest frame, its four length bytes apart.
    public static let frameBytesMax = 1 << 20
    /// The longest run of records in one frame: what is left beside type, count and time.
    public static let recordBytesPerFrameMax = frameBytesMax - 13
}
