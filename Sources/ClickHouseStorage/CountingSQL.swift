import Storage

/// The queries that count subjects, once more what ``SubjectHistory`` says of one. Where nothing else is said they give rows of a
/// measure, a dimension, a quarter of an hour and a count. All columns are Int64.
enum CountingSQL {
    /// Of one moment: rows of 0, 0, 0, a journal's id and how far that is counted; and rows of the rule version, a dimension, a
    /// quarter of an hour, 0, 0, and how many calls there were until then.
    static func positionsAndCalls(ofRule ruleID: Int64) -> String {
        """
        SELECT rule, dimension, quarter, high, low, sum(calls) FROM (
            SELECT rule, dimension, quarter, max(count) AS calls,
                if(rule = 0, journal_high, toInt64(0)) AS high, if(rule = 0, journal_low, toInt64(0)) AS low
            FROM tally WHERE rule IN (0, \(ruleID))
            GROUP BY rule, dimension, quarter, journal_high, journal_low
        )
        GROUP BY rule, dimension, quarter, high, low
        """
    }

    /// What is counted of each outcome by itself.
    static func outcomes(ofRule ruleID: Int64, _ terms: CountingTerms, _ positions: Positions) -> String {
        let (start, end) = span(around: "exposure", windowMilliseconds: window(terms))
        return """
            SELECT cell.1, cell.2, cell.3, toInt64(count()) FROM (
                SELECT arrayJoin(arrayConcat(
                    arrayFilter(x -> is_exposed, [(\(number(.exposed)), outcome, \(quarter("exposure")))]),
                    arrayMap(x -> (\(number(.converters)), x.1, \(quarter("x.2"))), conversions),
                    arrayMap(
                        x -> (\(number(.unattributed)), x.1, \(quarter("x.2"))),
                        arrayFilter(x -> NOT is_exposed, conversions)),
                    arrayMap(
                        x -> (\(number(.converted)), x.1, \(quarter("exposure"))),
                        arrayFilter(x -> is_exposed AND x.3, conversions))
                )) AS cell
                FROM (
                    SELECT outcome, is_exposed, exposure,
                        arrayMap(
                            c -> (
                                c,
                                arrayReduce('min', arrayMap(x -> x.2, arrayFilter(x -> x.1 = c, done))),
                                arrayExists(x -> x.1 = c AND \(isIn("x", start, end)), done)
                            ), arrayDistinct(arrayMap(x -> x.1, done))) AS conversions
                    FROM (
                        SELECT outcome,
                            countIf(conversion = 0) > 0 AS is_exposed,
                            minIf(first, conversion = 0) AS exposure,
                            groupArrayIf((conversion, first, last), conversion != 0) AS done
                        FROM fact WHERE rule = \(ruleID) AND \(counts(ruleID, positions))
                        GROUP BY high, low, outcome
                    )
                )
            )
            GROUP BY cell
            """
    }

    /// What is counted for a group.
    static func group(
        _ group: CountingTerms.Group, ofRule ruleID: Int64, _ positions: Positions
    ) -> String {
        guard let conversionCount = group.members.first?.conversionIDs.count else {
            return "SELECT toInt64(0), toInt64(0), toInt64(0), toInt64(0) WHERE 0"
        }
        let outcomes = group.members.map(\.outcomeID)
        let (start, end) = span(around: "exposure", windowMilliseconds: "\(group.windowMilliseconds)")
        // By the conversion's place in the group: its ids, in the order of members.
        let conversions = (0..<conversionCount).map { index in group.members.map { $0.conversionIDs[index] } }
        let converted = conversions.enumerated().map { index, ids in
            (
                flag:
                    "arrayExists(x -> x.1 IN (\(SQL.list(ids))) AND \(isIn("x", start, end)), done) AS converted_\(index)",
                cell: cell(.groupConverted, ids, if: "converted_\(index)")
            )
        }
        return """
            SELECT cell.1, cell.2, cell.3, toInt64(count()) FROM (
                SELECT arrayJoin(arrayFilter(x -> x.4 != 0, [
                    \(cell(.groupExposed, outcomes, if: "1")),
                    \(cell(.groupCrossed, outcomes, if: "met > 1")),
                    \(converted.map(\.cell).joined(separator: ",\n"))
                ])) AS cell
                FROM (
                    SELECT exposures[1].1 AS exposure, exposures[1].2 AS place,
                        length(arrayDistinct(arrayMap(x -> x.2, exposures))) AS met,
                        \(converted.map(\.flag).joined(separator: ",\n"))
                    FROM (
                        SELECT
                            arraySort(groupArrayIf(
                                (first, indexOf(\(SQL.array(outcomes)), outcome)), conversion = 0)) AS exposures,
                            groupArrayIf((conversion, first, last), conversion != 0) AS done
                        FROM fact
                        WHERE rule = \(ruleID) AND outcome IN (\(SQL.list(outcomes))) AND \(counts(ruleID, positions))
                        GROUP BY high, low
                    )
                    WHERE notEmpty(exposures)
                )
                WHERE \(quarter("exposure")) >= \(group.startQuarter)
            )
            GROUP BY cell
            """
    }

    /// A cell of a group's subject, and whether it counts there.
    ///
    /// - Parameter dimensions: by the place of the outcome that the subject met first.
    private static func cell(_ measure: Measure, _ dimensions: [Int64], if condition: String) -> String {
        "(\(number(measure)), \(SQL.array(dimensions))[place], \(quarter("exposure")), \(condition))"
    }

    /// What is counted of those who are kept no more; for groups, of those in force.
    static func settled(ofRule ruleID: Int64, groups: [Int64]) -> String {
        """
        SELECT measure, dimension, quarter, sum(counted) FROM (
            SELECT measure, dimension, quarter, any(count) AS counted FROM settled
            WHERE rule = \(ruleID) AND measure > 0 AND measure != \(Settled.activity)
                AND group_id IN (\(SQL.list(groups + [0])))
            GROUP BY measure, dimension, group_id, quarter, batch
        )
        GROUP BY measure, dimension, quarter
        """
    }

    /// Rows of a dimension, a quarter of an hour, a gap and a count: how many subjects were active in that quarter, by how many
    /// quarters before they had been; see `SubjectHistory`. Only what lies in a range is looked at.
    static func activity(ofRule ruleID: Int64, in range: Range<Quarter>, _ positions: Positions) -> String {
        """
        SELECT dimension, cell.1, cell.2, toInt64(count()) FROM (
            SELECT dimension, arrayJoin(arrayMap(
                (quarter, index) -> (quarter, toInt64(if(
                    index = 1, \(ActiveQuarters.gapMax), least(quarter - quarters[index - 1], \(ActiveQuarters.gapMax))))),
                quarters, arrayEnumerate(quarters))) AS cell
            FROM (
                SELECT if(conversion = 0, outcome, conversion) AS dimension,
                    arraySort(groupUniqArray(\(quarter("first")))) AS quarters
                FROM fact
                WHERE rule = \(ruleID) AND \(counts(ruleID, positions))
                    AND first >= \(range.lowerBound.startMilliseconds) AND first < \(range.upperBound.startMilliseconds)
                GROUP BY high, low, dimension
            )
        )
        GROUP BY dimension, cell
        """
    }

    /// The same of those who are kept no more, at any time.
    static func settledActivity(ofRule ruleID: Int64) -> String {
        """
        SELECT dimension, quarter, gap, sum(counted) FROM (
            SELECT dimension, quarter, gap, any(count) AS counted FROM settled
            WHERE rule = \(ruleID) AND measure = \(Settled.activity)
            GROUP BY dimension, quarter, gap, batch
        )
        GROUP BY dimension, quarter, gap
        """
    }

    // MARK: Parts of them

    /// Whether a fact counts: it is of no subject that is settled, and its journal is counted that far.
    private static func counts(_ ruleID: Int64, _ positions: Positions) -> String {
        """
        \(positions.condition) AND (high, low) NOT IN
            (SELECT high, low FROM settled WHERE rule = \(ruleID) AND measure = \(Settled.subject))
        """
    }

    /// How many batches were settled. It changes in the moment in which subjects do not count by their facts any more.
    static func settledBatches(ofRule ruleID: Int64) -> String {
        "SELECT toInt64(uniqExact(batch)) FROM settled WHERE rule = \(ruleID) AND measure > 0"
    }

    /// The quarter of an hour that a time lies in. ClickHouse rounds towards zero.
    static func quarter(_ time: String) -> String {
        "intDiv(\(time) - if(\(time) < 0, \(Quarter.milliseconds - 1), 0), toInt64(\(Quarter.milliseconds)))"
    }

    private static func number(_ measure: Measure) -> String {
        "toInt64(\(measure.rawValue))"
    }

    /// The window of a first exposure, in milliseconds. The first one holds for all time before, too.
    private static func window(_ terms: CountingTerms) -> String {
        let byDefault = CountingTerms.milliseconds(days: CountingWindow.defaultDays)
        guard terms.windows.count > 1 else { return "\(terms.windows.first?.milliseconds ?? byDefault)" }
        let cases = terms.windows.dropFirst().reversed().map {
            "\(quarter("exposure")) >= \($0.startQuarter), toInt64(\($0.milliseconds))"
        }
        return "multiIf(\(cases.joined(separator: ", ")), toInt64(\(terms.windows[0].milliseconds)))"
    }

    private static func span(around exposure: String, windowMilliseconds: String) -> (start: String, end: String) {
        ("\(exposure) - \(CountingWindow.leadMilliseconds)", "\(exposure) + \(windowMilliseconds)")
    }

    /// Whether a row's first or last time lies in a span. Those between them tell nothing more: see ``SparseTimes``.
    private static func isIn(_ row: String, _ start: String, _ end: String) -> String {
        """
        ((\(row).2 >= \(start) AND \(row).2 <= \(end)) OR (\(row).3 >= \(start) AND \(row).3 <= \(end)))
        """
    }
}
