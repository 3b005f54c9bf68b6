import Glibc

/// Tries by simulation whether the statistics keep what they promise. Prints each figure beside its goal, and exits
/// with status 1 where a goal is not reached.
///
/// The seeds are fixed: two runs print the same.
@main
enum StatisticsSimulation {
    static func main() async {
        let parts = [
            Section.verdicts, Section.extremes, Section.delays, Section.widths, Section.declaredTau, Section.tauRange,
            Section.power, Section.mismatches, Section.mismatchPower, Section.refusals, Section.retries,
            Section.refusalPower,
        ]
        var notReached = 0
        for part in parts {
            let section = await part()
            print(section.text)
            notReached += section.notReached
        }
        print("Goals not reached: \(notReached)")
        exit(notReached == 0 ? 0 : 1)
    }
}
