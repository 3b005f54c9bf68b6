@testable import Records

/// What holds of whatever arrives on either end of a forward connection, and of what a journal's batch may hold.
enum FrameProperties {
    private static let now: Int64 = 1_700_000_000_000

    /// The first byte says in what pieces the rest arrives.
    static func check(_ bytes: [UInt8]) throws {
        guard let first = bytes.first else { return }
        let stream = Array(bytes.dropFirst())
        let whole = frames(in: stream, pieceBytes: max(1, stream.count))
        let pieces = frames(in: stream, pieceBytes: max(1, Int(first)))
        try hold(whole.frames == pieces.frames, "frames are the same in whatever pieces they arrive")
        try hold(whole.fault == pieces.fault, "and so is what is wrong with the last")
        let expected = split(stream)
        try hold(whole.frames == expected.frames, "frames are what their lengths say")
        try hold(whole.fault == expected.fault, "and a length that none has is told as such")
        for frame in whole.frames {
            try checkResponder(frame)
            try checkAggregator(frame)
        }
        try checkRecords(stream)
    }

    private static func frames(in stream: [UInt8], pieceBytes: Int) -> (frames: [[UInt8]], fault: FrameFault?) {
        var buffer = FrameBuffer()
        var frames: [[UInt8]] = []
        for start in stride(from: 0, to: stream.count, by: pieceBytes) {
            stream[start..<min(start + pieceBytes, stream.count)].withUnsafeBytes { buffer.append($0) }
            do throws(FrameFault) {
                while let frame = try buffer.next({ Array($0) }) { frames.append(frame) }
            } catch {
                return (frames, error)
            }
        }
        return (frames, nil)
    }

    /// The same by the protocol's description alone.
    private static func split(_ stream: [UInt8]) -> (frames: [[UInt8]], fault: FrameFault?) {
        var rest = stream[...]
        var frames: [[UInt8]] = []
        while rest.count >= 4 {
            let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            if length == 0 { return (frames, .empty) }
            if length > 1 << 20 { return (frames, .tooLong(bytes: length)) }
            guard rest.count >= 4 + length else { break }
            frames.append(Array(rest.dropFirst(4).prefix(length)))
            rest = rest.dropFirst(4 + length)
        }
        return (frames, nil)
    }

    private static func frame(holding content: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt32(content.count))
        return bytes + content
    }

    // MARK: Frames

    private static func checkResponder(_ content: [UInt8]) throws {
        let read: ResponderFrame
        do {
            read = try content.withUnsafeBytes { try ResponderFrame(decoding: $0) }
        } catch {
            return try hold(!"\(error)".isEmpty && "\(error)".utf8.count < 120, "what is wrong is said in a line")
        }
        switch read {
        case .hello(let version, let epoch):
            if version == ForwardProtocol.version, let epoch {
                try hold(ResponderFrame.encodeHello(epoch: epoch) == frame(holding: content), "hello is written so")
            }
            try hold((epoch != nil) == (3...ForwardProtocol.version).contains(version), "an epoch is read where it is")
        case .records(let records):
            try checkRecords(records, content)
        case .answers(let entries):
            // What a version before wrote otherwise reads the same when it is written anew.
            let again = ResponderFrame.encodeAnswers(entries)
            if content.first == FrameType.answers.rawValue {
                try hold(again == frame(holding: content), "answers are written so")
            }
            guard case .answers(let same) = try decode(again) else { return try hold(false, "answers read as such") }
            try hold(same == entries, "answers read as they were")
        case .status(let status):
            try hold(ResponderFrame.encodeStatus(status) == frame(holding: content), "a status is written so")
        case .forget(let subjects):
            try hold(ResponderFrame.encodeForget(subjects) == frame(holding: content), "so is what is to be forgotten")
        case .tidy(let tidying):
            try hold(ResponderFrame.encodeTidy(tidying) == frame(holding: content), "and what is to be tidied")
        }
    }

    private static func decode(_ frame: [UInt8]) throws -> ResponderFrame {
        try Array(frame.dropFirst(4)).withUnsafeBytes { try ResponderFrame(decoding: $0) }
    }

    private static func checkAggregator(_ content: [UInt8]) throws {
        guard let read = try? content.withUnsafeBytes({ try AggregatorFrame(decoding: $0) }) else { return }
        try hold(read.encoded() == frame(holding: content), "an aggregator's frame is written so")
    }

    /// Setting times right changes the times, to ones that can be, and nothing else.
    private static func checkRecords(_ records: EncodedRecords, _ content: [UInt8]) throws {
        if let sent = records.sentMilliseconds {
            let again = ResponderFrame.encodeRecords(records.bytes[...], count: records.count, sentMilliseconds: sent)
            try hold(again == frame(holding: content), "records are written so")
        }
        let before = try records.bytes.withUnsafeBytes { try Record.decodeAll($0) }
        try hold(before.map(\.id) == records.ids, "the ids are the records'")
        var right = records
        let changed = right.setTimesRight(nowMilliseconds: now)
        let after = try right.bytes.withUnsafeBytes { try Record.decodeAll($0) }
        try hold(changed <= records.count, "no more times are set right than there are")
        try hold(after.count == before.count, "setting times right loses no record")
        let span = now - EncodedRecords.ageMillisecondsMax - 60_000...now + 120_000
        for (before, after) in zip(before, after) {
            try hold(span.contains(after.timeMilliseconds), "a time that is set right can be")
            let same = before.id == after.id && before.subject == after.subject && before.names == after.names
            try hold(same, "setting times right changes nothing else")
        }
    }

    // MARK: Batches

    /// The readers of a batch agree, and erasing takes what it is to take.
    private static func checkRecords(_ batch: [UInt8]) throws {
        guard let records = try? batch.withUnsafeBytes({ try Record.decodeAll($0) }) else { return }
        let ids = try? batch.withUnsafeBytes { try Record.decodeIDs($0) }
        // Of erased records no more than a kind is looked at, so that their ids may be missing.
        guard let ids else { return try hold(batch.count >= 3, "only an erased record has no id") }
        try hold(Set(records.map(\.id)).isSubset(of: ids), "every record's id is among the ids")
        let outlines = try batch.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            var outlines: [Record.Outline] = []
            while let outline = try Record.nextOutline(&reader) { outlines.append(outline) }
            return outlines
        }
        try hold(outlines.map(\.subject) == records.map(\.subject), "outlines have the records' subjects")
        try hold(outlines.map(\.timeMilliseconds) == records.map(\.timeMilliseconds), "and their times")
        for (outline, record) in zip(outlines, records) {
            var encoded: [UInt8] = []
            record.encode(into: &encoded)
            try hold(Array(batch[outline.place]) == encoded, "a record is written so")
        }
        guard let first = records.first else { return }
        var erased = batch
        let count = try Record.erase([first.subject], in: &erased)
        let left = try erased.withUnsafeBytes { try Record.decodeAll($0) }
        try hold(count == records.count { $0.subject == first.subject }, "as many are erased as there are")
        try hold(left == records.filter { $0.subject != first.subject }, "what is left is what was not erased")
        try hold(try erased.withUnsafeBytes { try Record.decodeIDs($0) } == ids, "all ids stay")
        let part = RulePart(site: first.site, ruleID: first.event.ruleID)
        var deleted = batch
        _ = try Record.erase(RuleParts([part]), in: &deleted)
        let kept = records.filter { !($0.site.hasBytes(of: part.site) && $0.event.ruleID.hasBytes(of: part.ruleID)) }
        try hold(
            try deleted.withUnsafeBytes { try Record.decodeAll($0) } == kept, "what is of a rule version is erased")
    }
}
