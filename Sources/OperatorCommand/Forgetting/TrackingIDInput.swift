import Records

/// Tracking ids from standard input, one a line.
enum TrackingIDInput {
    /// Every line must be one; an error names the line by its number, and never quotes it.
    static func read() throws(CommandFailure) -> [TrackingID] {
        var lines: [String] = []
        while let line = readLine() { lines.append(line) }
        return try parse(lines)
    }

    /// As a browser shows the cookie, so quotes around one are no part of it. Empty lines are passed over, and so is a
    /// carriage return at a line's end.
    static func parse(_ lines: [String]) throws(CommandFailure) -> [TrackingID] {
        var ids: [TrackingID] = []
        for (index, line) in lines.enumerated() {
            var bytes = Array(line.utf8)[...]
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            guard !bytes.isEmpty else { continue }
            do throws(TrackingID.Fault) {
                ids.append(try TrackingID(cookieValue: bytes))
            } catch {
                throw .data(
                    "line \(index + 1) is no tracking id: one is 1 to \(Limits.trackingIDBytesMax) bytes, without spaces, "
                        + "quotes, commas, semicolons or backslashes; nothing is erased")
            }
        }
        guard !ids.isEmpty else { throw .data("no tracking id on standard input; write one a line") }
        return ids
    }
}
