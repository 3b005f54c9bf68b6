/// When a day of an export begins.
enum BucketStart: Sendable, Equatable {
    /// By its offset from UTC, in seconds since 1970.
    case moment(Int64)
    /// What a clock shows that the file does not name: the same, as if it were UTC.
    case clock(Int64)

    /// What is understood, for whoever wrote something else.
    static let forms =
        "2026-11-01, 2026-11-01T00:00:00Z, 2026-11-01T00:00:00+01:00 or 2026-11-01 00:00:00"

    /// nil for a form that is not understood.
    init?(_ text: String) {
        let date = text.prefix(10)
        guard CivilTime.day(date) != nil else { return nil }
        let rest = text.dropFirst(10)
        // Behind the date stands a time, or nothing.
        guard rest.first.map({ "Tt ".contains($0) }) ?? true else { return nil }
        let time = rest.isEmpty ? "00:00:00" : rest.dropFirst()
        let clock = time.prefix { $0.isASCII && ($0.isNumber || $0 == ":" || $0 == ".") }
        // Some leave the seconds out.
        let seconds = clock.count == 5 ? "\(clock):00" : String(clock)
        guard let offset = Self.offset(time.dropFirst(clock.count)),
            let milliseconds = CivilTime.milliseconds("\(date)T\(seconds)\(offset ?? "Z")")
        else { return nil }
        let start = milliseconds.floored(by: 1000)
        self = offset == nil ? .clock(start) : .moment(start)
    }

    /// As RFC 3339 has it; nil within for none, nil for what is none.
    private static func offset(_ text: Substring) -> String?? {
        let written = text.drop { $0 == " " }
        switch written {
        case "": return .some(nil)
        case "Z", "z", "UTC", "GMT": return "Z"
        default: break
        }
        guard let sign = written.first, "+-".contains(sign) else { return nil }
        let digits = written.dropFirst().filter { $0 != ":" }
        switch digits.count {
        case 2: return "\(sign)\(digits):00"
        case 4: return "\(sign)\(digits.prefix(2)):\(digits.suffix(2))"
        default: return nil
        }
    }

    /// The day that most of it lies on in a time zone, `2026-11-01`, and how many seconds after midnight it begins.
    func day(in zone: Zone) -> (text: String, secondOfDay: Int64) {
        let local =
            switch self {
            case .moment(let seconds): seconds + zone.offsetSeconds(at: seconds)
            case .clock(let seconds): seconds
            }
        let middle = local + CivilTime.secondsPerDay / 2
        return (CivilTime(seconds: middle).dateText, local.remainder(by: CivilTime.secondsPerDay))
    }
}
