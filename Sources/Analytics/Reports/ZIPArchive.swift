/// Files packed into one, none of them compressed.
///
/// Source: PKWARE, ".ZIP File Format Specification" (APPNOTE), sections 4.3.7 to 4.3.16.
struct ZIPArchive {
    private static let version: UInt16 = 20
    /// Names are UTF-8.
    private static let flags: UInt16 = 1 << 11
    /// 1980-01-01, the earliest that there is: the same files are the same bytes, whenever they are packed.
    private static let date: UInt16 = 1 << 5 | 1

    private var content: [UInt8] = []
    private var directory: [UInt8] = []
    private var count: UInt16 = 0

    /// - Parameters:
    ///   - name: its path in the archive.
    ///   - bytes: all together have to stay below 4 GiB.
    mutating func add(_ name: String, _ bytes: [UInt8]) {
        let offset = UInt32(content.count)
        var header: [UInt8] = []
        header.append(little: Self.version)
        header.append(little: Self.flags)
        // Stored; no time of day.
        header.append(little: UInt32(0))
        header.append(little: Self.date)
        header.append(little: CRC32.checksum(of: bytes))
        header.append(little: UInt32(bytes.count))
        header.append(little: UInt32(bytes.count))
        header.append(little: UInt16(name.utf8.count))
        // No extra field.
        header.append(little: UInt16(0))

        content += [0x50, 0x4B, 3, 4] + header + Array(name.utf8) + bytes

        directory += [0x50, 0x4B, 1, 2]
        directory.append(little: Self.version)
        directory += header
        // No comment, on the first disk, without attributes.
        directory += [UInt8](repeating: 0, count: 10)
        directory.append(little: offset)
        directory += Array(name.utf8)
        count += 1
    }

    /// The whole file.
    var bytes: [UInt8] {
        var end: [UInt8] = [0x50, 0x4B, 5, 6, 0, 0, 0, 0]
        end.append(little: count)
        end.append(little: count)
        end.append(little: UInt32(directory.count))
        end.append(little: UInt32(content.count))
        end.append(little: UInt16(0))
        return content + directory + end
    }
}

/// The cyclic redundancy check of ISO 3309, as ZIP and Ethernet have it.
private enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(byte) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ 0xEDB8_8320 : rest >> 1 }
    }

    static func checksum(of bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { rest, byte in rest >> 8 ^ table[Int((rest ^ UInt32(byte)) & 0xFF)] }
    }
}

extension [UInt8] {
    fileprivate mutating func append(little number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}
