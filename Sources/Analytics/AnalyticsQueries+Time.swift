import Storage

extension AnalyticsQueries {
    /// More of them than this nobody reads, and they would take long.
    private static var bucketsMax: Int { 5000 }

    /// What is counted under one rule version in buckets; nil when the site has no records of it.
    ///
    /// - Parameter keepsEmpty: whether buckets in which nothing happened are in it, too.
    /// - Throws: `StorageError`, or `ReportFault` for too many buckets.
    public func series(
        site: String, ruleID: String, width: BucketWidth, period: ReportPeriod = .allTime, basis: Basis = .cohort,
        keepsEmpty: Bool = false
    ) async throws -> SeriesReport? {
        let counted = counted
        let counts = try await store.series(site: site, rule: DimensionName(ruleID)) { extent in
            Self.buckets(width, of: period, extent)
        }
        guard let counts, let hasExposures = try await store.hasExposures(site: site, rule: DimensionName(ruleID))
        else { return nil }
        try Self.check(counts.count, width)
        let epochs = try await store.epochs()
        var active: [[ActivityCounts]]?
        if basis == .activity {
            let ranges = counts.map(\.range)
            let spans = try await store.activity(site: site, rule: DimensionName(ruleID)) { _ in ranges }
            active = spans?.map(\.content) ?? ranges.map { _ in [] }
        }
        return SeriesReport(
            site: site, ruleID: ruleID, period: period, width: width, counts: counts,
            hasExposures: hasExposures, active: active, epochs: epochs, counted: counted, keepsEmpty: keepsEmpty,
            names: catalogue.rules)
    }

    /// What is counted under one rule version in the shape of Zephr's export; nil when the site has no records of it.
    ///
    /// - Throws: `StorageError`, or `ReportFault` for too many days or conversions.
    public func export(
        site: String, ruleID: String, variant: ZephrExport.Variant, period: ReportPeriod = .allTime
    ) async throws -> ZephrExport? {
        let rows: [ZephrExport.Row]
        switch variant {
        case .total:
            let ranges = [period.range, .all]
            guard let report = try await store.report(site: site, rule: DimensionName(ruleID), in: ranges) else {
                return nil
            }
            let hasExposures = report.counts[1].contains { $0.exposures > 0 }
            rows = report.counts[0].map { ZephrExport.Row($0, hasExposures: hasExposures) }
        case .daily:
            guard let hasExposures = try await store.hasExposures(site: site, rule: DimensionName(ruleID))
            else { return nil }
            rows = try await activity(site: site, ruleID: ruleID, .day, period).flatMap { day in
                ZephrExport.Row.rows(
                    of: day.content, day: period.text(day.range.lowerBound), hasExposures: hasExposures)
            }
        }
        return try ZephrExport(
            site: site, ruleID: ruleID, variant: variant, period: period, rows: rows, names: catalogue.rules)
    }

    /// How requests were answered, of a site or of one rule version; nil when there is no such site, or no records of the rule
    /// version.
    ///
    /// - Parameter width: nil for one bucket.
    /// - Throws: `StorageError`, or `ReportFault` for too many buckets.
    public func answers(
        site: String, ruleID: String? = nil, width: BucketWidth? = nil, period: ReportPeriod = .allTime
    ) async throws -> AnswersReport? {
        let answers = try await store.answers(site: site, rule: ruleID.map { DimensionName($0) }) { extent in
            if let width { return Self.buckets(width, of: period, extent) }
            return extent.flatMap(period.range(within:)).map { [$0] } ?? []
        }
        guard answers != nil || (ruleID == nil && catalogue.sites.contains(site)) else { return nil }
        if let width { try Self.check(answers?.count ?? 0, width) }
        return AnswersReport(site: site, ruleID: ruleID, period: period, width: width, answers: answers ?? [])
    }

    /// Who was active in each bucket; empty when the site has no records of the rule version.
    func activity(
        site: String, ruleID: String, _ width: BucketWidth, _ period: ReportPeriod
    ) async throws -> [Bucket<[ActivityCounts]>] {
        let activity = try await store.activity(site: site, rule: DimensionName(ruleID)) { extent in
            Self.buckets(width, of: period, extent)
        }
        try Self.check(activity?.count ?? 0, width)
        return activity ?? []
    }

    /// Those of the period in which there may be something: no more than are allowed, and one. Full ones where the period does
    /// not cut them, so a little more than the events' own time is looked at.
    private static func buckets(
        _ width: BucketWidth, of period: ReportPeriod, _ extent: Range<Quarter>?
    ) -> [Range<Quarter>] {
        guard let extent else { return [] }
        let margin = Int64(ActivityCounts.spanQuartersMax)
        let about = Quarter(extent.lowerBound.number - margin)..<Quarter(extent.upperBound.number + margin)
        return width.buckets(of: period.range.clamped(to: about), in: period.timeZone, countMax: bucketsMax)
    }

    private static func check(_ count: Int, _ width: BucketWidth) throws(ReportFault) {
        guard count <= bucketsMax else { throw .tooManyBuckets(width, max: bucketsMax) }
    }
}
