import JSON
import Records

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
