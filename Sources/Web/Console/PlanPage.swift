import Analytics

/// How long a test would take: a form, and what comes of it.
struct PlanPage {
    struct Row {
        let difference: String
        let lift: String
        let rate: String
        let half: String
        let fourInFive: String
        let isMain: Bool
    }

    /// Days against the difference.
    struct Curve {
        let ticks: [Tick]
        let places: [Place]
        let half: String
        let fourInFive: String
    }

    /// A label below the drawing.
    struct Place {
        let x: String
        let label: String
        let anchor: String
    }

    let frame: Frame
    let rate: String
    let visitors: String
    let split: String
    let difference: String
    let window: String
    let tau: String
    let guardrails: String
    /// What is wrong with what was asked for.
    let fault: String?
    let verdict: String?
    let advice: String?
    let rows: [Row]
    /// nil where fewer than two of the differences show within the time that is planned for.
    let curve: Curve?

    init(frame: Frame, _ visit: Visit) {
        self.frame = frame
        rate = visit["rate"] ?? ""
        visitors = visit["visitors"] ?? ""
        split = visit["split"] ?? "50:50"
        difference = visit["difference"] ?? ""
        window = visit["window"] ?? "7"
        tau = visit["tau"] ?? ""
        guardrails = visit["guardrails"] ?? "0"
        let isAsked = visit["rate"] != nil || visit["visitors"] != nil || visit["difference"] != nil
        do throws(PlanFault) {
            let report = isAsked ? try Self.report(visit, split: split, window: window) : nil
            fault = nil
            verdict = report.flatMap(Self.verdict)
            advice = report.map(Self.advice)
            rows = report.map(Self.rows) ?? []
            curve = report.flatMap(Curve.init)
        } catch {
            fault = "\(error)"
            (verdict, advice, rows, curve) = (nil, nil, [], nil)
        }
    }

    private static func report(_ visit: Visit, split: String, window: String) throws(PlanFault) -> PlanReport {
        guard let rate = number(visit["rate"]) else { throw .rate }
        guard let visitors = count(visit["visitors"]) else { throw .visitors }
        guard let difference = number(visit["difference"]) else { throw .difference }
        guard let window = Int(window) else { throw .window }
        guard let guardrails = Int(visit["guardrails"] ?? "0") else { throw .guardrails }
        guard let tau = visit["tau"].map(number) ?? .some(nil) as Double?? else { throw .tau }
        return try PlanReport(
            PlanQuestion(
                rate: rate / 100, visitorsDaily: visitors, weights: try PlanQuestion.weights(split),
                difference: difference / 100, windowDays: window, tau: tau,
                guardrails: guardrails))
    }

    /// With a point or a comma, as people write it, and a sign of percent behind it.
    private static func number(_ text: String?) -> Double? {
        text.flatMap { Double(plain($0).replacing(",", with: ".")) }
    }

    /// With a comma, a point or a space between thousands.
    private static func count(_ text: String?) -> Double? {
        guard let text = text.map(plain) else { return nil }
        let parts = text.split(omittingEmptySubsequences: false) { $0 == "," || $0 == "." }
        let isGrouped =
            parts.count > 1 && parts.dropFirst().allSatisfy { $0.count == 3 } && (1...3).contains(parts[0].count)
        return Double(isGrouped ? parts.joined() : text.replacing(",", with: "."))
    }

    private static func plain(_ text: String) -> String {
        String(text.filter { !$0.isWhitespace && $0 != "%" })
    }

    private static func verdict(_ report: PlanReport) -> String? {
        guard let main = report.main else { return nil }
        let what = "A difference of \(main.difference.points) points (\(main.lift.lift))"
        guard let half = main.halfByDay else {
            return "\(what) would show within \(PlanReport.daysMax.grouped) days in less than half of all tests"
        }
        return "\(what) would show by day \(half.grouped) in half of all tests"
            + (main.fourInFiveByDay.map { ", by day \($0.grouped) in four of five" } ?? "")
    }

    private static func advice(_ report: PlanReport) -> String {
        let tau = report.tau.withDecimals(upTo: 8)
        let question = report.question
        let what =
            "A baseline of \(question.rate.percent), \(question.visitorsDaily.withDecimals(upTo: 1)) visitors a day split \(question.split), a "
            + "window of \(question.windowDays) days\(question.guardrailsText). "
        return what
            + (report.question.tau == nil
                ? "This is with tau: \(tau) declared for the group in rules.yaml, before the test begins: it makes a difference of this "
                    + "size show the soonest."
                : "This is with tau: \(tau), as you gave it.")
    }

    private static func rows(_ report: PlanReport) -> [Row] {
        let day = { (day: Int?) in day?.grouped ?? "over \(PlanReport.daysMax.grouped)" }
        return report.rows.map { row in
            Row(
                difference: row.difference.points, lift: row.lift.lift,
                rate: (report.question.rate + row.difference).percent, half: day(row.halfByDay),
                fourInFive: day(row.fourInFiveByDay), isMain: row == report.main)
        }
    }
}

extension PlanPage.Curve {
    fileprivate init?(_ report: PlanReport) {
        let rows = report.rows.filter { $0.fourInFiveByDay != nil }
        guard rows.count > 1, let widest = rows.last?.difference else { return nil }
        let axis = CountAxis(highest: Double(rows.compactMap(\.fourInFiveByDay).max() ?? 0))
        ticks = axis.ticks
        places = rows.map { row in
            let isLast = row == rows.last
            return PlanPage.Place(
                x: Coordinate.percent(row.difference / widest * 100), label: row.difference.points,
                anchor: isLast ? "end" : "middle")
        }
        let line = { (day: (PlanReport.Row) -> Int?) in
            rows.compactMap { row in
                day(row).map { Coordinate.point(row.difference / widest, axis.place(Double($0))) }
            }.joined(separator: " ")
        }
        half = line { $0.halfByDay }
        fourInFive = line { $0.fourInFiveByDay }
    }
}
