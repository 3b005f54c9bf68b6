import Glibc
import SQLiteSupport

/// SQLite's log beside the journal, as the last process left it, checked before SQLite opens it.
///
/// SQLite plays its log up to the first frame whose checksum fails and drops the rest without a word. That is right
/// after a crash, where the commit being written is torn; but a bit that flips further back would drop commits that
/// were acknowledged. The two can be told apart: under `synchronous = FULL` nothing is written after a commit before
/// that commit is synced. So where, past the first bad frame, a commit's last frame is followed by a frame whose
/// checksum continues from it, what SQLite would drop was durable.
///
/// Nor does SQLite take anything from a log whose header is damaged. The header is synced before the first frame is written,
/// so where that frame's checksum continues from what the header says, or said, all of the log would be dropped. That costs
/// nothing where the journal's file has all of it: a log only starts over then, and what ended that midway leaves a header
/// that is neither the old one nor the new.
///
/// What this cannot see is damage within the last commit, or to so much of the frame before that it may as well be the last
/// commit's.
/// Source of the format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
struct WriteAheadLog {
    /// Of every journal, as SQLite has them unless it is told otherwise.
    private static let pageBytes = 4096
    /// What a database's file has at least.
    private static let fileHeaderBytes = 100

    let path: String

    /// Throws `.broken` when opening the journal would drop commits that were durable.
    func verify(journal: String) throws(JournalError) {
        guard let bytes = Self.byteCount(ofFile: path), bytes > 0 else { return }
        guard access(path, R_OK) == 0 else {
            throw .unusable(path: path, failed: "be read by the aggregator's user; give it the file")
        }
        // SQLite would delete the log: it takes such a file for a new one. No log is made before the file's first page is synced.
        guard Self.byteCount(ofFile: journal) ?? 0 >= Self.fileHeaderBytes else {
            throw .broken(file: journal, sequence: nil, reason: "it is empty, yet its log \(path) is not")
        }
        guard try !dropsDurableCommits(of: journal) else {
            throw .broken(
                file: journal, sequence: nil, reason: "its log \(path) is damaged before the last commit in it")
        }
    }

    /// nil where there is none.
    private static func byteCount(ofFile path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    private func dropsDurableCommits(of journal: String) throws(JournalError) -> Bool {
        let file = try CheckedFile(path)
        defer { file.close() }
        let bytes = try file.read(Header.byteCount)
        guard let header = Header(bytes) else {
            return try hasCommits(behindDamagedHeader: bytes, in: file, thatAreMissingIn: journal)
        }
        var chain = FrameChain(header: header)
        while case let frame = try file.read(header.frameBytes), frame.count == header.frameBytes {
            if chain.followsDurableCommitPastDamage(frame) { return true }
        }
        return false
    }

    private func hasCommits(
        behindDamagedHeader header: [UInt8], in file: CheckedFile, thatAreMissingIn journal: String
    ) throws(JournalError) -> Bool {
        let frameBytes = FrameChain.headerBytes + Self.pageBytes
        var frame = try file.read(frameBytes)
        guard frame.count == frameBytes,
            var checksum = Header.checksums(ofDamaged: header).first(where: { FrameChain.follows(frame, $0) })
        else { return false }
        let salts = frame.bigEndian(UInt64.self, at: 8)
        var (pages, ofOpenCommit): ([UInt32: ArraySlice<UInt8>], [UInt32: ArraySlice<UInt8>]) = ([:], [:])
        while frame.count == frameBytes, frame.bigEndian(UInt64.self, at: 8) == salts,
            FrameChain.follows(frame, checksum)
        {
            checksum.value = frame.bigEndian(UInt64.self, at: 16)
            ofOpenCommit[frame.bigEndian(UInt32.self, at: 0)] = frame[FrameChain.headerBytes...]
            let pageCount = frame.bigEndian(UInt32.self, at: 4)
            if pageCount != 0 {
                // The commit may have made the file shorter.
                pages = pages.merging(ofOpenCommit) { _, newer in newer }.filter { $0.key <= pageCount }
                ofOpenCommit = [:]
            }
            frame = try file.read(frameBytes)
        }
        let journal = try CheckedFile(journal)
        defer { journal.close() }
        for (number, page) in pages
        where try journal.read(Self.pageBytes, at: (Int(number) - 1) * Self.pageBytes)[...] != page {
            return true
        }
        return false
    }

    /// A file whose errors name it.
    private struct CheckedFile {
        private let path: String
        private let file: UnsafeMutablePointer<FILE>

        init(_ path: String) throws(JournalError) {
            guard let file = fopen(path, "rb") else { throw Self.unreadable(path, errno) }
            self.path = path
            self.file = file
        }

        /// Where the last read ended, or at `place`. Fewer bytes at the file's end.
        func read(_ count: Int, at place: Int? = nil) throws(JournalError) -> [UInt8] {
            if let place, fseeko(file, place, SEEK_SET) != 0 { throw Self.unreadable(path, errno) }
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                initialized = fread(buffer.baseAddress, 1, count, file)
            }
            guard bytes.count == count || ferror(file) == 0 else { throw Self.unreadable(path, errno) }
            return bytes
        }

        func close() {
            fclose(file)
        }

        private static func unreadable(_ path: String, _ code: CInt) -> JournalError {
            .inputOutput(file: path, reason: "cannot be read (\(String(cString: strerror(code))))")
        }
    }

    /// The log's first 32 bytes.
    fileprivate struct Header {
        static let byteCount = 32
        let salts: UInt64
        let checksum: LogChecksum
        let frameBytes: Int

        /// Nil where SQLite would not take it for a log and start a new one.
        init?(_ bytes: [UInt8]) {
            guard bytes.count == Self.byteCount else { return nil }
            let magic = bytes.bigEndian(UInt32.self, at: 0)
            let pageBytes = Int(bytes.bigEndian(UInt32.self, at: 8))
            guard magic & ~1 == 0x377F_0682, pageBytes.nonzeroBitCount == 1, 512...65536 ~= pageBytes else {
                return nil
            }
            var checksum = LogChecksum(wordsAreBigEndian: magic & 1 == 1)
            checksum.add(bytes[..<24])
            guard checksum.value == bytes.bigEndian(UInt64.self, at: 24) else { return nil }
            self.checksum = checksum
            salts = bytes.bigEndian(UInt64.self, at: 16)
            frameBytes = FrameChain.headerBytes + pageBytes
        }

        /// What the first frame continues from, where the bytes were a header and are none any more: the checksum that stands
        /// in them, or, where that is what was damaged, the one that they have.
        static func checksums(ofDamaged bytes: [UInt8]) -> [LogChecksum] {
            guard bytes.count == byteCount else { return [] }
            return [false, true].flatMap { wordsAreBigEndian in
                var own = LogChecksum(wordsAreBigEndian: wordsAreBigEndian)
                var stored = own
                own.add(bytes[..<24])
                stored.value = bytes.bigEndian(UInt64.self, at: 24)
                return [own, stored]
            }
        }
    }

    /// Walks the frames in order: those that SQLite would play, then, past the first bad one, those it would drop.
    fileprivate struct FrameChain {
        /// Page number, pages after the commit (0 within one), two salts, two checksums; 4 bytes each.
        static let headerBytes = 24
        private let salts: UInt64
        /// What the frame before says its checksum is, and what it comes to by its bytes: one bit may have flipped in either.
        private var told: LogChecksum
        private var counted: LogChecksum
        private var isPastDamage = false
        private var dropsCommit = false

        init(header: Header) {
            salts = header.salts
            told = header.checksum
            counted = header.checksum
        }

        /// Whether the frame's checksum continues from that of the one before, or of the header.
        static func follows(_ frame: [UInt8], _ checksum: LogChecksum) -> Bool {
            var checksum = checksum
            checksum.add(frame[..<8])
            checksum.add(frame[headerBytes...])
            return checksum.value == frame.bigEndian(UInt64.self, at: 16)
        }

        mutating func followsDurableCommitPastDamage(_ frame: [UInt8]) -> Bool {
            let stored = frame.bigEndian(UInt64.self, at: 16)
            let isOfThisLog = frame.bigEndian(UInt64.self, at: 8) == salts
            told.add(frame[..<8])
            told.add(frame[Self.headerBytes...])
            counted.add(frame[..<8])
            counted.add(frame[Self.headerBytes...])
            let isWhole = isOfThisLog && told.value == stored
            if dropsCommit, isWhole || isOfThisLog && counted.value == stored { return true }
            isPastDamage = isPastDamage || !isWhole
            // Its salts may be what is damaged. Of an earlier log, nothing of this one continues from it.
            dropsCommit = isPastDamage && frame.bigEndian(UInt32.self, at: 4) != 0
            counted = told
            told.value = stored
            return false
        }
    }
}

/// The running checksum of SQLite's log: two sums of 32 bits over the bytes' words, each added to the other.
///
/// Source: https://www.sqlite.org/fileformat2.html#checksum_algorithm
struct LogChecksum {
    private var first: UInt32 = 0
    private var second: UInt32 = 0
    /// The order of the bytes in a word, which the log's magic number tells.
    private let wordsAreBigEndian: Bool

    init(wordsAreBigEndian: Bool) {
        self.wordsAreBigEndian = wordsAreBigEndian
    }

    /// Both sums, the first in the higher half, as a header that holds them reads.
    var value: UInt64 {
        get { UInt64(first) << 32 | UInt64(second) }
        set { (first, second) = (UInt32(newValue >> 32), UInt32(truncatingIfNeeded: newValue)) }
    }

    /// Adds bytes, a multiple of 8 of them.
    mutating func add(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { bytes in
            for offset in stride(from: 0, to: bytes.count - 7, by: 8) {
                first = first &+ word(bytes, at: offset) &+ second
                second = second &+ word(bytes, at: offset + 4) &+ first
            }
        }
    }

    private func word(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
        let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return wordsAreBigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
    }
}
