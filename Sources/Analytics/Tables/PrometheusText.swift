/// Metrics in Prometheus's text exposition format, version 0.0.4.
///
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
public struct PrometheusText: Sendable {
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    public enum Kind: String, Sendable {
        /// Only grows while the process runs.
        case counter
        case gauge
    }

    /// One value of a metric, told from the others by its labels.
    public struct Sample: Sendable {
        let labels: [(name: String, value: String)]
        let value: String

        /// `value` is an `Int` or a `Double`, as Swift writes them.
        public init(_ labels: KeyValuePairs<String, String>, _ value: some Numeric) {
            self.labels = labels.map { ($0.key, $0.value) }
            self.value = "\(value)"
        }

        /// The one value of a metric without labels.
        public init(_ value: some Numeric) {
            self.init([:], value)
        }
    }

    public private(set) var text = ""

    public init() {}

    /// Adds a metric. One without samples is left out.
    public mutating func append(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        guard !samples.isEmpty else { return }
        head(name, kind.rawValue, help)
        for sample in samples { line(name, sample) }
    }

    /// Adds a histogram: how many values lie at or below each of `bounds`, all of them in the last place, and their sum.
    public mutating func append(
        histogram name: String, _ help: String, bounds: [Double], cumulativeCounts: [Int], sum: Double
    ) {
        precondition(cumulativeCounts.count == bounds.count + 1, "a histogram counts below each bound, and all")
        head(name, "histogram", help)
        for (bound, count) in zip(bounds.map { "\($0)" } + ["+Inf"], cumulativeCounts) {
            line(name + "_bucket", Sample(["le": bound], count))
        }
        line(name + "_sum", Sample(sum))
        line(name + "_count", Sample(cumulativeCounts[bounds.count]))
    }

    private mutating func head(_ name: String, _ kind: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }

    private mutating func line(_ name: String, _ sample: Sample) {
        let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
        text += "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(sample.value)\n"
    }

    private static func escaped(_ value: String) -> String {
        value.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
