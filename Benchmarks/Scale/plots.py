"""What was measured, each figure against the size."""

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "scale"

from matplotlib import pyplot


def draw(results, path):
    figure, grid = pyplot.subplots(4, 3, figsize=(12, 14))
    plots = iter(grid.flat)

    def plot(part, x, label, *lines):
        axes = next(plots)
        for name, y in lines:
            points = [(one[x], y(one)) for one in results.get(part, []) if y(one) is not None]
            axes.plot(*zip(*points) if points else ([], []), "o-", label=name, markersize=4)
        # A backlog may be none.
        if part == "backlog":
            axes.set_xscale("symlog", linthresh=10_000)
        else:
            axes.set_xscale("log")
        axes.set_ylim(bottom=0)
        axes.set_xlabel(label[0])
        axes.set_title(label[1], fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
        if len(lines) > 1:
            axes.legend(fontsize=7, frameon=False)

    def page(*names):
        return [(name, lambda one, name=name: one.get("milliseconds", {}).get(name)) for name in names]

    def of(key, name=""):
        return name, lambda one: one[key]

    def by(count, key):
        return f"{count} responder{'s' if count > 1 else ''}", lambda one: one[key] if one["responders"] == count else None

    def cost(count):
        return (f"{count} responder{'s' if count > 1 else ''}",
                lambda one: sum(one["processorMicroseconds"].values()) if one["responders"] == count else None)

    plot("subjects", "subjects", ("subjects", "records folded a second"), of("foldedASecond"))
    plot("subjects", "subjects", ("subjects", "pages, ms"), *page(
        "rules page", "rule page", "rule page by activity", "journey page", "health page"))
    plot("subjects", "subjects", ("subjects", "reports, ms"), *page(
        "report", "report by day", "activity by day", "activity by day, another time zone"))
    plot("subjects", "subjects", ("subjects", "aggregator's memory, MiB"),
        of("residentMebibytes", "when all is folded"), of("residentMebibytesMax", "at most since its start"))
    plot("subjects", "subjects", ("subjects", "bytes of the store a subject"), of("storeBytesASubject"))
    start = of("listeningMilliseconds", "aggregator listens"), of("firstAnswerMilliseconds", "first 201")
    plot("subjects", "subjects", ("subjects", "start to first 201, ms"), *start)
    plot("backlog", "records", ("records not folded", "start to first 201, ms"), *start)
    plot("rules", "rules", ("rule versions", "records folded a second"), of("foldedASecond"))
    plot("rules", "rules", ("rule versions", "pages, ms"), *page("rules page", "rule page", "health page", "report"))
    plot("connections", "connections", ("connections", "answers a second"), by(1, "aSecond"), by(2, "aSecond"))
    plot("connections", "connections", ("connections", "processor time a request, µs"), cost(1), cost(2))
    plot("connections", "connections", ("connections", "a responder's memory, MiB"), by(1, "residentMebibytes"))
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
