import JSON
import Records

/// One line that nginx writes for the responder, in one of the two forms that `nginx/derived.conf` has: its members as they
/// stand.
///
/// As a datagram it reads `<190>Nov 23 11:17:42 host tag: {…}`, with or without the host, and without a newline. The
/// object's members are strings. nginx escapes what JSON has to have escaped, and leaves bytes above 0x7F as they came:
/// those that are no UTF-8 are replaced, so that they spoil what they stand in and nothing else.
enum LogLine {
    /// A response that names outcomes.
    struct Page {
        let site: String
        let exclude: String
        /// nginx's `$request_id` and `$msec`.
        let id: String
        let time: String
        let nginxVersion: String
        /// What the request was for, as far as nginx was told.
        let host: String
        let path: String
        /// The visitor's cookie.
        let trackingID: String
        /// The `Set-Cookie` headers that were sent, as far as this nginx shows them, and what the origin sets the visitor's cookie to,
        /// sent or not.
        let setCookie: String
        let trackingIDSet: String
        /// The origin's header.
        let outcomes: String
    }

    /// A request to the endpoint that nginx answered by itself.
    struct Answer {
        let site: String
        let exclude: String
        let status: String
        let uri: String
    }

    case page(Page)
    case answer(Answer)

    /// The longest of what stands before the object: a host's name and a tag are in it.
    private static let headBytesMax = 512
    /// What nginx's `log_format` nests: an object of strings.
    private static let depthMax = 1

    init(datagram bytes: UnsafeRawBufferPointer) throws(LogFault) {
        let object = try Self.object(bytes)
        self = object["answered"] == nil ? .page(try Page(object)) : .answer(try Answer(object))
    }

    private static func object(_ bytes: UnsafeRawBufferPointer) throws(LogFault) -> JSONObject {
        guard bytes.first == UInt8(ascii: "<"),
            let start = bytes.prefix(headBytesMax).firstIndex(of: UInt8(ascii: "{")),
            bytes[..<start].suffix(2).elementsEqual(": ".utf8)
        else { throw .syslog }
        let text = UnsafeRawBufferPointer(rebasing: bytes[start...])
        do throws(JSONError) {
            return try JSONObject(parsing: text, depthMax: depthMax)
        } catch  where error.fault == .invalidUTF8 {
            let replaced = Array(String(decoding: text, as: UTF8.self).utf8)
            do {
                return try JSONObject(parsing: replaced, depthMax: depthMax)
            } catch {
                throw .json(error)
            }
        } catch {
            throw .json(error)
        }
    }
}

extension LogLine.Page {
    fileprivate init(_ object: JSONObject) throws(LogFault) {
        site = try object.string("site")
        exclude = try object.string("exclude")
        id = try object.string("id")
        time = try object.string("time")
        nginxVersion = try object.string("nginx")
        host = try object.string("host")
        path = try object.string("path")
        trackingID = try object.string("trackingId")
        setCookie = try object.string("setCookie")
        trackingIDSet = try object.string("trackingIdSet")
        outcomes = try object.string("outcomes")
    }

    /// `$msec`, which is seconds with three places: `1700000000.123`.
    func timeMilliseconds() throws(LogFault) -> Int64 {
        let digits = time.utf8.filter { $0 != UInt8(ascii: ".") }
        guard time.utf8.count == digits.count + 1, time.utf8.dropLast(3).last == UInt8(ascii: "."),
            (4...15).contains(digits.count), digits.allSatisfy(\.isDigit),
            let milliseconds = Int64(String(decoding: digits, as: UTF8.self))
        else { throw .time }
        return milliseconds
    }

    /// Whether this nginx shows its logs the first of several headers of one name alone, as it did before 1.23.
    var showsFirstHeadersAlone: Bool {
        let numbers = nginxVersion.split(separator: ".").map { Int($0) ?? Int.max }
        return numbers.count >= 2 && (numbers[0], numbers[1]) < (1, 23)
    }
}

extension LogLine.Answer {
    fileprivate init(_ object: JSONObject) throws(LogFault) {
        site = try object.string("site")
        exclude = try object.string("exclude")
        status = try object.string("answered")
        uri = try object.string("uri")
    }

    /// Where the request came, and what nginx answered: a refusal, as it has nothing else to say.
    func kind() throws(LogFault) -> (door: Door, status: UInt16) {
        guard let door = Door(path: uri), status.utf8.count == 3, status.utf8.allSatisfy(\.isDigit),
            let status = UInt16(status), (400...599).contains(status)
        else { throw .answer }
        return (door, status)
    }
}

extension JSONObject {
    fileprivate func string(_ name: String) throws(LogFault) -> String {
        guard case .string(let text) = self[name] else { throw .member(name) }
        return text
    }
}
