import ArgumentParser

/// The forms of a report.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
    case table, csv, json, ndjson, zephr
    case zephrDaily = "zephr-daily"
}
