import Cryptography
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

/// What the origin says in its header `X-Rule-Outcomes` that a page has shown, or that a visitor has done.
///
/// It is a JSON array of objects; several headers, as nginx from 1.23 on logs them, are several with commas between. Each
/// object is read on its own, strictly, so that a bad one spoils no other.
struct OutcomesHeader {
    struct Pair: Sendable {
        /// Its place among all, which its record's id follows from.
        let place: UInt8
        let event: Event
    }

    /// Those of the first `Limits.outcomesPerLineMax` that can be read.
    private(set) var pairs: [Pair] = []
    /// Why others cannot, a fault for each.
    private(set) var faults: [LogFault] = []
    /// How many there are beyond.
    let beyondCount: Int

    init(_ text: String) {
        let (elements, isWhole) = Self.elements(Array(text.utf8)[...])
        for (place, element) in elements.prefix(Limits.outcomesPerLineMax).enumerated() {
            do throws(LogFault) {
                pairs.append(Pair(place: UInt8(place), event: try Self.event(element)))
            } catch {
                faults.append(error)
            }
        }
        beyondCount = max(0, elements.count - Limits.outcomesPerLineMax)
        if !isWhole { faults.append(.outcomes) }
    }

    private static func event(_ element: ArraySlice<UInt8>) throws(LogFault) -> Event {
        // nginx passes on what is no UTF-8, and that has been replaced: whatever it was, it is not what the origin meant.
        guard element.firstRange(of: "\u{FFFD}".utf8) == nil,
            let object = try? JSONObject(parsing: Array(element), depthMax: Limits.jsonDepthMax)
        else { throw .outcomes }
        do throws(Refusal) {
            // A pair is a conversion where it says of what kind.
            return try Event(object, isConversion: object["conversion"] != nil)
        } catch {
            throw .field
        }
    }

    /// The elements of all arrays, unread, and whether that was all of the text. It knows strings and brackets alone; an array
    /// that is not closed has none.
    private static func elements(_ text: ArraySlice<UInt8>) -> (elements: [ArraySlice<UInt8>], isWhole: Bool) {
        var elements: [ArraySlice<UInt8>] = []
        var rest = text.trimmingSpaces
        while true {
            guard rest.popFirst() == UInt8(ascii: "["), let array = Self.array(&rest) else { return (elements, false) }
            elements += array
            rest = rest.trimmingSpaces
            if rest.isEmpty { return (elements, true) }
            guard rest.popFirst() == UInt8(ascii: ",") else { return (elements, false) }
            rest = rest.trimmingSpaces
        }
    }

    /// Reads what follows an array's opening bracket, its closing one included; nil when that is missing, or an element.
    private static func array(_ rest: inout ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        var elements: [ArraySlice<UInt8>] = []
        while true {
            let element = rest.prefix(Self.elementLength(rest))
            rest = rest.dropFirst(element.count)
            let end = rest.popFirst()
            let isEmpty = element.trimmingSpaces.isEmpty
            switch end {
            case UInt8(ascii: "]") where isEmpty && elements.isEmpty: return []
            case UInt8(ascii: "]") where !isEmpty: return elements + [element]
            case UInt8(ascii: ",") where !isEmpty: elements.append(element)
            default: return nil
            }
        }
    }

    /// Up to the comma or the bracket that ends it, or the end of the text.
    private static func elementLength(_ text: ArraySlice<UInt8>) -> Int {
        var depth = 0
        var index = text.startIndex
        var inString = false
        while index < text.endIndex {
            switch text[index] {
            case UInt8(ascii: "\""): inString.toggle()
            case UInt8(ascii: "\\") where inString: index += 1
            case _ where inString: break
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ",") where depth == 0, UInt8(ascii: "]") where depth == 0,
                UInt8(ascii: "}") where depth == 0:
                return index - text.startIndex
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            index += 1
        }
        return text.count
    }
}

extension RecordID {
    /// The id of one of several exposures of one request, since each is a record of its own: the first 16 bytes of
    /// SHA-256 over the 16 bytes of the request's id and one byte for the place among them, from 0 on.
    init(request: RecordID, index: UInt8) {
        var hash = SHA256()
        withUnsafeBytes(of: request.value.bigEndian) { hash.update($0) }
        withUnsafeBytes(of: index) { hash.update($0) }
        self.init(hash.finalize().first128Bits)
    }
}
