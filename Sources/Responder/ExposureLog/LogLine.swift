import JSON
import Records

/// One line of nginx's log of exposures, in the form that `nginx/derived.conf` gives it: its members as they stand.
///
/// As a datagram it reads `<190>Nov 23 11:17:42 host tag: {…}`, with or without the host, and without a newline. The
/// object's members are strings. nginx escapes what JSON has to have escaped, and leaves bytes above 0x7F as they came.
struct LogLine {
    /// The longest of what stands before the object: a host's name and a tag are in it.
    private static let headBytesMax = 512
    /// What nginx's `log_format` nests: an object of strings.
    private static let depthMax = 1

    let site: String
    let exclude: String
    /// nginx's `$request_id` and `$msec`.
    let id: String
    let time: String
    /// The visitor's cookie, and the one that this very response sets.
    let trackingID: String
    let trackingIDSet: String
    /// The origin's header.
    let outcomes: String

    init(datagram bytes: UnsafeRawBufferPointer) throws(LogFault) {
        let object = try Self.object(bytes)
        func member(_ name: String) throws(LogFault) -> String {
            guard case .string(let text) = object[name] else { throw .member(name) }
            return text
        }
        site = try member("site")
        exclude = try member("exclude")
        id = try member("id")
        time = try member("time")
        trackingID = try member("trackingId")
        trackingIDSet = try member("trackingIdSet")
        outcomes = try member("outcomes")
    }

    private static func object(_ bytes: UnsafeRawBufferPointer) throws(LogFault) -> JSONObject {
        guard bytes.first == UInt8(ascii: "<"),
            let start = bytes.prefix(headBytesMax).firstIndex(of: UInt8(ascii: "{")),
            bytes[..<start].suffix(2).elementsEqual(": ".utf8)
        else { throw .syslog }
        do {
            return try JSONObject(parsing: UnsafeRawBufferPointer(rebasing: bytes[start...]), depthMax: depthMax)
        } catch {
            throw .json(error)
        }
    }
}

extension LogLine {
    /// The outcomes that the origin says it has rendered, none where the array is empty.
    func exposures() throws(LogFault) -> [Exposure] {
        var exposures: [Exposure] = []
        for element in try elements() {
            guard case .object(let object) = element else { throw .outcomes }
            do throws(Refusal) {
                exposures.append(try Exposure(object))
            } catch {
                throw .field
            }
        }
        return exposures
    }

    private func elements() throws(LogFault) -> [JSONValue] {
        let object: JSONObject
        do {
            // One deeper than a request's body may be, for the object around the array.
            object = try JSONObject(
                parsing: Array("{\"outcomes\":\(outcomes)}".utf8), depthMax: Limits.jsonDepthMax + 1)
        } catch {
            throw .outcomes
        }
        // A header that brings members of its own is no array.
        guard object.count == 1, case .array(let elements) = object["outcomes"] else { throw .outcomes }
        guard elements.count <= Limits.outcomesPerLineMax else { throw .tooManyOutcomes }
        return elements
    }

    /// `$msec`, which is seconds with three places: `1700000000.123`.
    func timeMilliseconds() throws(LogFault) -> Int64 {
        let digits = time.utf8.filter { $0 != UInt8(ascii: ".") }
        guard time.utf8.count == digits.count + 1, time.utf8.dropLast(3).last == UInt8(ascii: "."),
            (4...15).contains(digits.count),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let milliseconds = Int64(String(decoding: digits, as: UTF8.self))
        else { throw .time }
        return milliseconds
    }
}
