import Analytics
import ArgumentParser
import Daemon

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Tell how long a test will take before it is begun.",
        discussion: """
            A test ends when the verdict of its group is better or worse. How long that takes depends on the rate, on the \
            traffic, and above all on how large the true difference is. --difference is the smallest that would be worth \
            acting on; the table tells of it and of others around it, by which day of the test half of all such tests, and \
            four in five, have their verdict. The days include the window that the first visitors need to mature.

            tau, which a group may declare in rules.yaml, makes the verdict come soonest for differences of one size. Without \
            --tau the one for --difference is taken, and named below the table. It has to be declared before the test begins.

            Guardrails share the error with the primary conversion, so each makes it take a little longer.

            With several outcomes the table is of the one that gets the fewest visitors, beside the baseline.

            Examples:
              rule-outcomes plan --rate 4.2 --visitors 900 \\
                --difference 0.5
              rule-outcomes plan --rate 0.8 --visitors 20000 \\
                --difference 0.1 --split 50:25:25 --window 14
            """)

    @Option(help: ArgumentHelp("The baseline's conversion rate, in percent.", valueName: "percent"))
    var rate: Double

    @Option(help: ArgumentHelp("New visitors a day, of all outcomes together.", valueName: "number"))
    var visitors: Double

    @Option(help: ArgumentHelp("The smallest difference worth acting on, in percentage points.", valueName: "points"))
    var difference: Double

    @Option(help: ArgumentHelp("How visitors are split, the baseline first, such as 1:1:2.", valueName: "weights"))
    var split = "50:50"

    @Option(help: ArgumentHelp("Days that a visitor has to convert.", valueName: "days"))
    var window = 7

    @Option(help: ArgumentHelp("The group's tau, where one is declared.", valueName: "number"))
    var tau: Double?

    @Option(help: ArgumentHelp("How many guardrails the group is to have.", valueName: "number"))
    var guardrails = 0

    func validate() throws {
        _ = try report()
    }

    func run() async throws {
        Output.standard.write(try report().text(columnsMax: Output.standard.terminalColumns))
    }

    private func report() throws -> PlanReport {
        do throws(PlanFault) {
            return try PlanReport(
                PlanQuestion(
                    rate: rate / 100, visitorsDaily: visitors, weights: try PlanQuestion.weights(split),
                    difference: difference / 100, windowDays: window, tau: tau,
                    guardrails: guardrails))
        } catch {
            throw ValidationError("\(error)")
        }
    }
}

extension PlanReport {
    /// For people to read.
    func text(columnsMax: Int?) -> String {
        var table = TextTable(columns: [
            .init("points", .right), .init("lift", .right), .init("rate", .right), .init("half by day", .right),
            .init("4 in 5 by day", .right),
        ])
        let day = { (day: Int?) in day.map { "\($0)" } ?? "over \(PlanReport.daysMax)" }
        for row in rows {
            table.append([
                row.difference.points, "+\((row.lift * 100).withDecimals(row.lift >= 0.0995 ? 0 : 1)) %",
                (question.rate + row.difference).percentage, day(row.halfByDay), day(row.fourInFiveByDay),
            ])
        }
        let heading =
            "A baseline of \(question.rate.percentage), \(question.visitorsDaily.withDecimals(upTo: 1)) visitors a day split "
            + "\(question.split), a window of \(question.windowDays) days\(question.guardrailsText)"
        let advice =
            question.tau == nil
            ? "With tau: \(tau.withDecimals(upTo: 8)) declared for the group, which makes a difference of "
                + "\(question.difference.points) points show the soonest."
            : "With tau: \(tau.withDecimals(upTo: 8)), as given."
        return heading.lines(columnsMax: columnsMax) + "\n" + table.text(columnsMax: columnsMax) + "\n"
            + advice.lines(columnsMax: columnsMax)
    }
}
