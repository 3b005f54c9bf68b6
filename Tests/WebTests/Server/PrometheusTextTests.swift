import Testing

@testable import Web

@Suite("Prometheus's text")
struct PrometheusTextTests {
    private var metrics = PrometheusText()

    @Test("a metric is its help, its type, and a line for each sample")
    mutating func samples() {
        metrics.append(
            "x_total", .counter, "What x is.", [.init(["site": "a", "status": "201"], 3), .init(["site": "b"], 4)])
        #expect(
            metrics.text == """
                # HELP x_total What x is.
                # TYPE x_total counter
                x_total{site="a",status="201"} 3
                x_total{site="b"} 4

                """)
    }

    @Test("a value without labels stands alone, and one with a fraction keeps it")
    mutating func plain() {
        metrics.append("x_seconds", .gauge, "What x is.", [.init(0.25)])
        #expect(metrics.text.hasSuffix("\nx_seconds 0.25\n"))
    }

    @Test("a metric that has no samples is left out")
    mutating func none() {
        metrics.append("x_total", .counter, "What x is.", [])
        #expect(metrics.text == "")
    }

    @Test("a label's value cannot end its quotes or its line")
    mutating func escaping() {
        metrics.append("x", .gauge, "What x is.", [.init(["site": "a\"} 1\nb\\"], 1)])
        #expect(metrics.text.hasSuffix(#"x{site="a\"} 1\nb\\"} 1"# + "\n"))
    }

    @Test("a histogram is its buckets, the last of them for all, its sum and its count")
    mutating func histogram() {
        metrics.append(histogram: "x_seconds", "What x is.", bounds: [0.25, 1], cumulativeCounts: [1, 2, 4], sum: 7.5)
        #expect(
            metrics.text == """
                # HELP x_seconds What x is.
                # TYPE x_seconds histogram
                x_seconds_bucket{le="0.25"} 1
                x_seconds_bucket{le="1.0"} 2
                x_seconds_bucket{le="+Inf"} 4
                x_seconds_sum 7.5
                x_seconds_count 4

                """)
    }
}
