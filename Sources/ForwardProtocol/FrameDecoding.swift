import Records

/// Reads a frame's type, lets `body` read the rest, and sees that nothing is left.
func decodeFrame<Frame>(
    _ bytes: UnsafeRawBufferPointer,
    _ body: (FrameType, inout ByteReader) throws(FrameFault) -> Frame
) throws(FrameFault) -> Frame {
    var reader = ByteReader(bytes)
    let code = try reader.frameInteger(UInt8.self)
    guard let type = FrameType(rawValue: code) else { throw .unknownType(code) }
    let frame = try body(type, &reader)
    guard reader.remaining == 0 else { throw .malformed(.trailing) }
    return frame
}

/// The same reads with the error that a frame has.
extension ByteReader {
    mutating func frameInteger<Value: FixedWidthInteger & BitwiseCopyable>(
        _: Value.Type = Value.self
    ) throws(FrameFault) -> Value {
        do { return try integer() } catch { throw .malformed(error) }
    }

    mutating func frameBytes(_ count: Int) throws(FrameFault) -> UnsafeRawBufferPointer {
        do { return try take(count) } catch { throw .malformed(error) }
    }

    mutating func frameValue128() throws(FrameFault) -> UInt128 {
        do { return try value128() } catch { throw .malformed(error) }
    }

    /// A text after two bytes of length.
    mutating func frameLongText(max: Int) throws(FrameFault) -> String {
        let count = Int(try frameInteger(UInt16.self))
        do { return try text(count, max: max) } catch { throw .malformed(error) }
    }

    /// A text after one byte of length.
    mutating func frameText(max: Int) throws(FrameFault) -> String {
        let count = Int(try frameInteger(UInt8.self))
        do { return try text(count, max: max) } catch { throw .malformed(error) }
    }
}
