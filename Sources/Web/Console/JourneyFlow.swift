import Analytics

/// A journey drawn from left to right: a band for each way, as thick as its share of the visitors.
struct JourneyFlow {
    struct Band {
        /// SVG's `d`.
        let path: String
        let width: String
        /// `band`, and the shade of the rate that it leads to.
        let tone: String
        /// The steps on it between which nothing branches off.
        let stops: [Stop]
    }

    struct Stop {
        let cx: String
        let cy: String
        let step: String
    }

    struct Label {
        let x: String
        let y: String
        let titles: [Line]
        let details: [Line]
        let isOutcome: Bool
    }

    struct Line {
        let x: String
        let y: String
        let text: String
    }

    fileprivate enum Size {
        static let column = 270.0
        static let row = 104.0
        static let thickest = 44.0
        static let margin = 12.0
        /// Of a label's line, in characters. A longer one goes on in the next, as often as need be.
        static let characters = 30
        /// Of a band; how many steps there are stands at its end.
        static let stopsMax = 6
        static let title = 16.0
        static let detail = 14.0
    }

    let bands: [Band]
    let labels: [Label]
    let width: String
    let height: String

    /// - Parameter rates: what stands at the ends.
    init(_ tree: JourneyTree, rates: JourneyRates) {
        var drawing = Drawing(total: max(tree.root.visitors, 1), rates: rates)
        _ = drawing.draw(tree.root, column: 0, parent: nil)
        bands = drawing.bands
        labels = drawing.labels
        width = Coordinate.text(max(Double(drawing.columns + 1) * Size.column, drawing.right + Size.margin))
        height = Coordinate.text(drawing.bottom + Size.margin)
    }
}

extension JourneyFlow {
    private struct Drawing {
        let total: Int
        let rates: JourneyRates
        var bands: [Band] = []
        var labels: [Label] = []
        var columns = 0
        /// How far down the ends reach so far, and how far to the right labels may.
        var bottom = 0.0
        var right = 0.0

        /// Draws what leads on from a node, then the node in the middle of it; returns how high it stands.
        mutating func draw(_ node: JourneyTree.Node, column: Int, parent: JourneyTree.Node?) -> Double {
            columns = max(columns, column)
            let x = Double(column) * Size.column + Size.margin
            let (titles, details) = texts(of: node, parent: parent)
            let above = Double(titles.count) * Size.title + Size.thickest / 2
            let below = Double(details.count) * Size.detail + Size.thickest / 2
            var heights: [Double] = []
            for child in node.children { heights.append(draw(child, column: column + 1, parent: node)) }
            let y: Double
            if let first = heights.first, let last = heights.last {
                y = max((first + last) / 2, above)
                bottom = max(bottom, y + below)
            } else {
                y = bottom + max(above, Size.row - below)
                bottom = y + below
            }
            // Bands leave a node beside each other, as thick together as it is.
            var edge = y - thickness(node) / 2
            for (child, height) in zip(node.children, heights) {
                let own = thickness(child)
                band(child, from: (x, edge + own / 2), to: height)
                edge += own
            }
            label(node, titles, details, x: x, y: y)
            return y
        }

        private mutating func band(_ child: JourneyTree.Node, from start: (x: Double, y: Double), to y: Double) {
            let (end, middle) = (start.x + Size.column, start.x + Size.column / 2)
            let numbers = [start.x, start.y, middle, start.y, middle, y, end, y].map(Coordinate.text)
            let passed = child.steps.dropLast().prefix(Size.stopsMax)
            bands.append(
                Band(
                    path: "M\(numbers[0]) \(numbers[1])C\(numbers[2]) \(numbers[3]) \(numbers[4]) \(numbers[5]) "
                        + "\(numbers[6]) \(numbers[7])",
                    width: Coordinate.text(max(1.5, thickness(child))), tone: tone(child),
                    stops: passed.enumerated().map { index, step in
                        let t = Double(index + 1) / Double(passed.count + 1)
                        let (cx, cy) = (
                            Bezier.at(t, start.x, middle, middle, end), Bezier.at(t, start.y, start.y, y, y)
                        )
                        return Stop(cx: Coordinate.text(cx), cy: Coordinate.text(cy), step: step.title)
                    }))
        }

        private func thickness(_ node: JourneyTree.Node) -> Double {
            Double(node.visitors) / Double(total) * Size.thickest
        }

        private func tone(_ node: JourneyTree.Node) -> String {
            node.outcome.map(rates.shade) ?? ""
        }

        private func texts(
            of node: JourneyTree.Node, parent: JourneyTree.Node?
        ) -> (titles: [String], details: [String]) {
            let passed = node.steps.count - 1
            let steps = passed > 0 ? " · by \(passed) more step\(passed == 1 ? "" : "s")" : ""
            let rate = node.outcome.flatMap(rates.text)
            return (
                node.title.lines(of: Size.characters),
                ["\(node.detail(parent: parent))\(steps)"] + (rate.map { [$0] } ?? [])
            )
        }

        private mutating func label(
            _ node: JourneyTree.Node, _ titles: [String], _ details: [String], x: Double, y: Double
        ) {
            // Above and below the band, which is as thick as the node.
            let half = thickness(node) / 2
            for title in titles { right = max(right, x + 4 + title.widthMax(fontSize: 14)) }
            for detail in details { right = max(right, x + 4 + detail.widthMax(fontSize: 12)) }
            func line(_ text: String, y: Double) -> Line {
                Line(x: Coordinate.text(x + 4), y: Coordinate.text(y), text: text)
            }
            labels.append(
                Label(
                    x: Coordinate.text(x + 4), y: Coordinate.text(y),
                    titles: titles.enumerated().map {
                        line($1, y: y - half - 6 - Double(titles.count - 1 - $0) * Size.title)
                    },
                    details: details.enumerated().map { line($1, y: y + half + 15 + Double($0) * Size.detail) },
                    isOutcome: node.outcome != nil))
        }
    }
}

private enum Bezier {
    /// One coordinate of a cubic curve.
    static func at(_ t: Double, _ p0: Double, _ p1: Double, _ p2: Double, _ p3: Double) -> Double {
        let u = 1 - t
        return u * u * u * p0 + 3 * u * u * t * p1 + 3 * u * t * t * p2 + t * t * t * p3
    }
}

extension String {
    /// How wide it is at most in a bold sans-serif: nobody here can measure it.
    fileprivate func widthMax(fontSize: Double) -> Double {
        unicodeScalars.reduce(0) { width, scalar in
            let isWide = !scalar.isASCII || "@%&MWmw".unicodeScalars.contains(scalar) || scalar.properties.isUppercase
            return width + fontSize * (isWide ? 1.1 : 0.75)
        }
    }

    /// Broken behind spaces, slashes and commas where there are some, and wherever else need be.
    fileprivate func lines(of count: Int) -> [String] {
        var lines: [String] = []
        var rest = self[...]
        while rest.count > count {
            let line = rest.prefix(count)
            let place = line.lastIndex { " /,".contains($0) }.map(line.index(after:)) ?? line.endIndex
            lines.append(String(rest[..<place]))
            rest = rest[place...]
        }
        return lines + [String(rest)]
    }
}
