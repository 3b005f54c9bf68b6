"""Opens the console in headless Chromium, as people do.

    browser.py check URL desktop|phone|dark     tries every page, control and download, and names what is wrong
    browser.py screenshots URL DIRECTORY

URL is the console's, with a slash at its end. The exit status is 0 when nothing is wrong.
"""
import base64
import csv
import datetime
import functools
import hashlib
import importlib.util
import io
import json
import pathlib
import re
import sys
import tempfile
import urllib.parse
import urllib.request
import xml.etree.ElementTree
import zipfile

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

DESKTOP, PHONE = (1280, 900), (390, 844)
# A4 less the margins that the style sheet sets.
PAPER = (688, 1009)
# What a page with hostile ids in it must not have.
STRANGERS = "main script, main img, main iframe, main b, main style, main [onerror], main [onfocus], main [onclick]"

# Every label of a drawing whose box is not all within the drawing, where that cuts what is outside of it, within the page, and
# within what can be scrolled to. Tables on a telephone have no head.
LABELS = """
const cut = []
for (const text of document.querySelectorAll('svg text')) {
    const box = text.getBoundingClientRect()
    if (!text.checkVisibility() || text.closest('thead') && box.right < 0) continue
    for (let outer = text.parentElement; outer; outer = outer.parentElement) {
        const style = getComputedStyle(outer)
        if (outer.tagName != 'HTML' && style.overflowX == 'visible') continue
        const edge = outer.getBoundingClientRect(), scrolls = outer.tagName != 'svg'
        const left = box.left - edge.left + (scrolls ? outer.scrollLeft : 0)
        const room = scrolls ? outer.scrollWidth : edge.width
        if (left < -1 || left + box.width > room + 1) cut.push([text.textContent, Math.floor(left), Math.ceil(left + box.width), room])
        if (scrolls) break
    }
}
return cut
"""

# What would be wrong on paper: a ground or ink that is not to be seen, what only a screen has use for, and texts beyond the edge.
ON_PAPER = """
const faults = []
const ground = getComputedStyle(document.body).backgroundColor
if (ground != 'rgb(255, 255, 255)') faults.push(`the ground is ${ground}`)
for (const element of document.querySelectorAll('nav, form, button, summary, .downloads, .share, .crumb, .skip, .on-screen'))
    if (element.checkVisibility()) faults.push(`is shown: ${element.outerHTML.slice(0, 80)}`)
const linear = part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
const luminance = color => {
    const [red, green, blue] = color.match(/[\\d.]+/g).map(part => linear(part / 255))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange()
while (texts.nextNode()) {
    const element = texts.currentNode.parentElement, style = getComputedStyle(element)
    if (!texts.currentNode.data.trim() || !element.checkVisibility() || element.closest('title, .unseen')) continue
    const color = element.closest('svg') ? style.fill : style.color, contrast = 1.05 / (luminance(color) + 0.05)
    if (contrast < 4.5) faults.push(`${texts.currentNode.data} is ${color}`)
    range.selectNodeContents(texts.currentNode)
    const box = range.getBoundingClientRect()
    if (box.left < -1 || box.right > innerWidth + 1) faults.push(`${texts.currentNode.data} ends at ${Math.ceil(box.right)}`)
}
return faults
"""

# Texts of a picture that are not all within it, or lie over another one.
IN_PICTURE = """
const view = document.documentElement.viewBox.baseVal, faults = []
const texts = [...document.querySelectorAll('text')].map(text => [text.textContent, text.getBBox()])
texts.forEach(([text, box], index) => {
    if (box.x < 0 || box.y < 0 || box.x + box.width > view.width || box.y + box.height > view.height) faults.push(`${text} is cut`)
    for (const [other, next] of texts.slice(index + 1))
        if (Math.min(box.x + box.width, next.x + next.width) - Math.max(box.x, next.x) > 0.5
            && Math.min(box.y + box.height, next.y + next.height) - Math.max(box.y, next.y) > 0.5)
            faults.push(`${text} lies over ${other}`)
})
return faults
"""

# A picture as pixels: its size, the colour of a corner, and how much of it is not white. A canvas gives none where a picture refers
# to something else.
PIXELS = """
const [svg, done] = arguments, image = new Image()
image.onerror = () => done(null)
image.onload = () => {
    const canvas = document.createElement('canvas')
    canvas.width = image.width
    canvas.height = image.height
    const context = canvas.getContext('2d')
    context.drawImage(image, 0, 0)
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data
    let drawn = 0
    for (let place = 0; place < pixels.length; place += 4) drawn += pixels[place] + pixels[place + 1] + pixels[place + 2] < 765
    done([canvas.width, canvas.height, [...pixels.slice(0, 4)], drawn * 4 / pixels.length,
          canvas.toDataURL('image/png').slice(0, 14)])
}
image.src = 'data:image/svg+xml,' + encodeURIComponent(svg)
"""

# Tables of what is compared that are wider than the box that they scroll in: a part of them is out of sight.
TOO_WIDE = """
return [...document.querySelectorAll('.scroll:has(> .compared)')].filter(box => box.scrollWidth > box.clientWidth)
    .map(box => [box.getAttribute('aria-label'), box.scrollWidth, box.clientWidth])
"""

# Ranges that do not say of how many looks they are as their column's head does, or say it of nothing.
LOOKS = """
return [...document.querySelectorAll('td .interval:is(.once, .always)')].filter(range => {
    const heads = range.closest('table').querySelectorAll('thead th')
    const told = heads[[...range.closest('tr').children].indexOf(range.closest('td'))].querySelector('.reason')?.textContent || ''
    const label = getComputedStyle(range, '::after').content
    const isLabelled = label !== 'none' && label !== 'normal'
    return range.textContent ? told.includes('always') !== range.classList.contains('always') || !/\\d/.test(range.textContent) : isLabelled
}).map(range => [range.className, range.textContent])
"""

# Of every such part of an element, what its attributes say.
ATTRIBUTES = """
const [element, selector, names] = arguments
return [...element.querySelectorAll(selector)].map(part => names.map(name => part.getAttribute(name)))
"""

# What a drawing is made of, in order.
MARKS = """
return [...arguments[0].children].map(mark =>
    [mark.tagName, ...['class', 'cx', 'cy'].map(name => mark.getAttribute(name)), mark.textContent])
"""

faults = []


def fault(browser, text):
    faults.append(f"{browser.current_url}: {text}")


def axe_source():
    package = pathlib.Path(importlib.util.find_spec("axe_playwright_python").origin).parent
    return (package / "axe.min.js").read_text()


def open_browser(size, script=True, dark=False):
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    if not script:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    set_size(browser, size)
    if dark:
        browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    return browser


def set_size(browser, size):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 500})


# What every page has to be.

def check_page(browser, size, script, axe):
    for entry in browser.get_log("browser"):
        fault(browser, f"the browser's console says: {entry['message']}")
    headings = browser.find_elements(By.TAG_NAME, "h1")
    if len(headings) != 1:
        fault(browser, f"{len(headings)} headings of the first level")
    for element in browser.find_elements(By.CSS_SELECTOR, STRANGERS):
        fault(browser, f"an id has become markup: {element.tag_name}")
    if not script:
        return
    if not browser.title.endswith("rule-outcomes"):
        fault(browser, f"an id has changed the title: {browser.title}")
    width = browser.execute_script("return document.documentElement.scrollWidth")
    if width > size[0]:
        fault(browser, f"is {width} pixels wide, and the window {size[0]}")
    for text, left, right, room in browser.execute_script(LABELS):
        fault(browser, f"a label is cut: {text!r} from {left} to {right} in {room}")
    for name, inside, room in browser.execute_script(TOO_WIDE) if size == DESKTOP else []:
        fault(browser, f"the table “{name}” is {inside} pixels wide, and its box {room}")
    for name, text in browser.execute_script(LOOKS):
        fault(browser, f"the range {text!r} is {name}, and its column's head says otherwise")
    browser.execute_script(axe)
    result = browser.execute_async_script("axe.run(document).then(arguments[0])")
    for violation in result["violations"]:
        if violation["impact"] in ("serious", "critical"):
            places = "; ".join(node["html"][:120] for node in violation["nodes"][:3])
            fault(browser, f"axe: {violation['help']}: {places}")


def links(browser, selector):
    return [element.get_attribute("href") for element in browser.find_elements(By.CSS_SELECTOR, selector)]


def submit(browser, selector):
    """Sends the form, and returns when the next page is there as a whole."""
    page = browser.find_element(By.TAG_NAME, "html").id
    browser.find_element(By.CSS_SELECTOR, selector).click()

    def is_next(browser):
        try:
            root = browser.find_element(By.TAG_NAME, "html")
            return root.id != page and root.find_elements(By.TAG_NAME, "footer")
        except WebDriverException:
            # Between two pages there is none.
            return False

    WebDriverWait(browser, 30).until(is_next)


# The choices of a rule's page, one after the other.

def choose(browser, field, value):
    change = browser.find_element(By.CSS_SELECTOR, "details.change")
    if change.get_attribute("open") is None:
        change.find_element(By.TAG_NAME, "summary").click()
    element = browser.find_element(By.ID, field)
    if element.tag_name == "select":
        options = Select(element).options
        values = [option.get_attribute("value") for option in options]
        options[len(options) - 1 if value == "other" else values.index(value)].click()
        value = Select(element).first_selected_option.get_attribute("value")
    else:
        # As the keyboard of this locale fills in a date.
        element.send_keys(datetime.date.fromisoformat(value).strftime("%m%d%Y"))
    submit(browser, ".choices button")
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(browser.current_url).query)
    if query.get(field) != [value]:
        fault(browser, f"{field} should be {value} in the address")
    shown = browser.find_element(By.ID, field).get_attribute("value")
    if shown != value:
        fault(browser, f"{field} shows {shown} after {value} was chosen")


def check_choices(browser, size, script, axe):
    # Whiskers tell of one look at a visitor, whom activity may count on several days.
    if not browser.find_elements(By.CSS_SELECTOR, "table.all .rate .interval"):
        fault(browser, "by the cohort there is no interval")
    today = datetime.date.today()
    for field, value in [
            ("conversion", "other"), ("baseline", "other"), ("from", str(today - datetime.timedelta(days=20))),
            ("to", str(today)), ("timeZone", "Europe/Berlin"), ("basis", "activity")]:
        choose(browser, field, value)
        check_page(browser, size, script, axe)
    if browser.find_elements(By.CSS_SELECTOR, "table.all .rate .interval"):
        fault(browser, "by activity there is an interval")


# Downloads, against the page.

def fetch(browser, href):
    return fetch_bytes(href).decode()


def fetch_bytes(href):
    with urllib.request.urlopen(href) as answer:
        return answer.read()


def workbook_rows(href):
    """The texts of a workbook's cells, row by row, as CSV has them."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(fetch_bytes(href))) as archive:
        sheet = xml.etree.ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    rows = []
    for row in sheet.iter(f"{space}row"):
        cells = {}
        for cell in row:
            letters = re.match("[A-Z]+", cell.get("r")).group()
            cells[functools.reduce(lambda sum, letter: sum * 26 + ord(letter) - 64, letters, 0)] = "".join(cell.itertext())
        rows.append([cells.get(place, "") for place in range(1, max(cells, default=0) + 1)])
    return rows


def number(text):
    return int(re.sub(r"\s", "", text)) if re.search(r"\d", text) else None


def shown_rows(browser):
    rows = {}
    for row in browser.find_elements(By.CSS_SELECTOR, "table.all tbody tr"):
        header = row.find_element(By.TAG_NAME, "th")
        name = header.find_element(By.CSS_SELECTOR, ".id").text or header.text
        rows[name] = {
            field: number(row.find_element(By.CSS_SELECTOR, f'[data-label="{label}"]').text)
            for field, label in [("exposed", "Exposed"), ("converted", "Converted"), ("events", "Events")]}
    return rows


# What keeps a CSV's cell from being a formula: docs/openapi.yaml.
GUARD = re.compile(r"""(^|(?<=[;\t\r\n]))'(?=(?:['"]|[^\S\t\r\n])*[=+\-@\t\r])""")


def check_downloads(browser, conversion):
    shown = shown_rows(browser)
    found = links(browser, ".downloads a")
    if len(found) < 5:
        fault(browser, f"there are {len(found)} downloads")
    for href in found:
        if not fetch_bytes(href):
            fault(browser, f"{href} is empty")
    of_form = {form: [href for href in found if f"format={form}" in href] for form in ("xlsx", "csv")}
    for workbook in of_form["xlsx"]:
        rows = list(csv.reader(io.StringIO(fetch(browser, workbook.replace("format=xlsx", "format=csv")))))
        rows = [[GUARD.sub("", cell) for cell in row] for row in rows]
        same = [row + [""] * (len(rows[0]) - len(row)) for row in workbook_rows(workbook)]
        if same != rows:
            fault(browser, f"{workbook} is not the same as its CSV")
    if len(of_form["xlsx"]) != 2:
        fault(browser, f"there are {len(of_form['xlsx'])} workbooks")
    full = [row for row in csv.DictReader(io.StringIO(fetch(browser, of_form["csv"][0]))) if row["conversion"] == conversion]
    for row in full:
        counted = {field: int(row[field]) for field in ("exposed", "converted", "events")}
        if shown.get(row["outcome"]) != counted:
            fault(browser, f"{row['outcome']}: the page shows {shown.get(row['outcome'])}, the full report {counted}")
    total = next(href for href in found if "rows=total" in href)
    zephr = list(csv.DictReader(io.StringIO(fetch(browser, total))))
    for row in zephr:
        counted = (int(row["total"]), int(row[f"conversion: {conversion}"]))
        page = shown.get(row["outcomeId"], {})
        if (page.get("exposed"), page.get("converted")) != counted:
            fault(browser, f"{row['outcomeId']}: the page shows {page}, Zephr's shape {counted}")
    if not full or len(full) != len(zephr) or len(full) != len(shown):
        fault(browser, f"{len(shown)} outcomes on the page, {len(full)} and {len(zephr)} in the files")


# Plots, against the API: what a drawing says is read off its own axis.

TICKS = "return [...arguments[0].querySelectorAll(':scope > text:not(.since)')].map(text => [text.getAttribute('y'), text.textContent])"


def axis(browser, svg, along="y"):
    """Gives the value at a place in percent, by the first and the last of an axis's labels; in fractions."""
    script = TICKS.replace("'y'", f"'{along}'")
    ticks = [(float(place.rstrip("%")), label) for place, label in browser.execute_script(script, svg)]
    values = [float(re.sub(r"[^0-9.−]", "", label).replace("−", "-")) for _, label in ticks]
    share = 1 if ticks[0][1].replace("\u202f", "").isdigit() and along == "y" and "+" not in "".join(t[1] for t in ticks) else 100
    (first, low), (last, high) = (ticks[0][0], values[0]), (ticks[-1][0], values[-1])
    return lambda place: (low + (place - first) / (last - first) * (high - low)) / share


def percent(element, name):
    return float(element.get_attribute(name).rstrip("%"))


def points(element):
    return [tuple(map(float, point.split(","))) for point in element.get_attribute("points").split()]


def compare(browser, what, drawn, told, span):
    """A drawing has a tenth of a percent of its height, or of its width."""
    if told is None or abs(drawn - told) > 0.004 * span:
        fault(browser, f"{what}: the drawing says {drawn}, the API {told}")


def check_effects(browser, table, arms, margin=None):
    """A table's drawn differences, against those of the arms, or of one guardrail under each of them."""
    value = axis(browser, table.find_element(By.CSS_SELECTOR, ".scale"), "x")
    span = abs(value(100) - value(0))
    drawn = table.find_elements(By.CSS_SELECTOR, "svg.effect")
    for line in table.find_elements(By.CSS_SELECTOR, "line.margin"):
        compare(browser, "the margin", value(percent(line, "x1")), -margin, span)
    if len(drawn) != len(arms):
        fault(browser, f"{len(drawn)} differences are drawn of {len(arms)}")
    for svg, arm in zip(drawn, arms):
        circles = svg.find_elements(By.TAG_NAME, "circle")
        if not circles:
            if "differenceAlwaysValid" in arm:
                fault(browser, f"{arm}: no difference is drawn")
            continue
        whisker = svg.find_element(By.CSS_SELECTOR, "line.whisker")
        compare(browser, "the difference", value(percent(circles[0], "cx")), arm.get("difference"), span)
        compare(browser, "its low end", value(percent(whisker, "x1")), arm["differenceAlwaysValid"]["low"], span)
        compare(browser, "its high end", value(percent(whisker, "x2")), arm["differenceAlwaysValid"]["high"], span)
        compare(browser, "zero", value(percent(svg.find_element(By.CSS_SELECTOR, "line.zero"), "x1")), 0, span)


def check_bands(browser, group):
    figures = browser.find_elements(By.CSS_SELECTOR, ".courses.alone figure")
    others = [index for index, outcome in enumerate(group["outcomes"]) if outcome["outcomeId"] != group["baseline"]]
    told = [index for index in others if any("differenceAlwaysValid" in day["arms"][index] for day in group["days"])]
    if len(figures) != len(told):
        fault(browser, f"{len(figures)} bands are drawn of {len(told)}")
    for figure, index in zip(figures, told):
        svg = figure.find_element(By.CSS_SELECTOR, "svg.chart")
        value = axis(browser, svg)
        span = abs(value(100) - value(0))
        arms = [day["arms"][index] for day in group["days"]]
        while "differenceAlwaysValid" not in arms[0]:
            arms.pop(0)
        middle = points(svg.find_element(By.CSS_SELECTOR, "polyline"))
        area = points(svg.find_element(By.CSS_SELECTOR, "polygon"))
        if len(middle) != len(arms) or len(area) != 2 * len(arms):
            fault(browser, f"{len(middle)} days are drawn of {len(arms)}")
        for (_, y), (_, high), (_, low), arm in zip(middle, area, reversed(area), arms):
            ends = arm["differenceAlwaysValid"]
            for name, place, number in [("difference", y, arm["difference"]), ("low end", low, ends["low"]), ("high end", high, ends["high"])]:
                # What is outside of the drawing stands at its edge.
                if 0 < place < 100:
                    compare(browser, f"a day's {name}", value(place), number, span)
        since = group["outcomes"][index].get("shownSince")
        if (since is not None) != bool(svg.find_elements(By.CSS_SELECTOR, "line.since")):
            fault(browser, f"shown since {since}, and the mark is otherwise")


def check_lines(browser, group):
    figures = browser.find_elements(By.CSS_SELECTOR, ".courses:not(.alone) figure")
    rate = lambda arm: arm["exposedConverted"] / arm["exposed"] if arm["exposed"] else None
    for figure, told in zip(figures, [lambda arm: arm["exposed"], rate], strict=True):
        svg = figure.find_element(By.CSS_SELECTOR, "svg.chart")
        value = axis(browser, svg)
        span = abs(value(100) - value(0))
        groups = svg.find_elements(By.TAG_NAME, "g")
        if len(groups) != len(group["outcomes"]):
            fault(browser, f"{len(groups)} lines are drawn of {len(group['outcomes'])}")
        for index, line in enumerate(groups):
            drawn = {round(x, 1): y for polyline in line.find_elements(By.TAG_NAME, "polyline") for x, y in points(polyline)}
            days = group["days"]
            # A day that is not over would look like a fall.
            if len(days) > 1 and not days[-1]["end"].endswith("T00:00:00.000Z"):
                days = days[:-1]
            if len(drawn) > len(days):
                fault(browser, f"{len(drawn)} days are drawn of {len(days)}")
            for place, day in enumerate(days):
                x = round(1000 * place / (len(days) - 1), 1) if len(days) > 1 else 500.0
                number = told(day["arms"][index])
                if (number is None) != (x not in drawn):
                    fault(browser, f"{day['day']}: {number} is drawn otherwise")
                elif number is not None:
                    compare(browser, f"{day['day']}", value(drawn[x]), number, span)


def attributes(browser, element, selector, *names):
    return browser.execute_script(ATTRIBUTES, element, selector, names)


def is_told(text, number):
    """Whether the text is the number in percent, or in points, to as many digits as it has."""
    digits = re.search(r"\d[\d.]*", text)
    if not digits or number is None:
        return False
    told = float(digits.group()) * (-1 if "−" in text else 1)
    return abs(told - 100 * number) <= 0.501 * 10 ** -len(digits.group().partition(".")[2])


def are_told(text, bounds):
    ends = text.strip("()").split(" to ")
    return len(ends) == 2 and is_told(ends[0], bounds["low"]) and is_told(ends[1], bounds["high"])


def converted_of(outcome, conversion):
    """What is told of one conversion under an outcome; nothing where nobody did it."""
    return next((each for each in outcome["conversions"] if each.get("conversion") == conversion), {})


def check_counts(browser, report, conversion):
    """The table of all visitors, against the report: what is counted, and what is drawn of it."""
    shown = shown_rows(browser)
    table = browser.find_element(By.CSS_SELECTOR, "table.all")
    rows = table.find_elements(By.CSS_SELECTOR, "tbody tr")
    if not len(rows) == len(report["outcomes"]) == len(shown):
        fault(browser, f"{len(rows)} outcomes are shown of {len(report['outcomes'])}")
    for row, (name, counted), outcome in zip(rows, shown.items(), report["outcomes"]):
        told = converted_of(outcome, conversion)
        wanted = (outcome["exposed"], told.get("converted", 0), told.get("events", 0))
        if tuple((counted[field] or 0) for field in ("exposed", "converted", "events")) != wanted:
            fault(browser, f"{name}: the page shows {counted}, the API {wanted}")
        bars = attributes(browser, row, "svg.bar rect", "width")
        if len(bars) != (outcome["exposed"] > 0):
            fault(browser, f"{name}: {len(bars)} bars for {outcome['exposed']} visitors")
        if not bars or not outcome["exposed"]:
            continue
        rate, *interval = row.find_element(By.CSS_SELECTOR, '[data-label="Rate"]').text.split("\n")
        ends = told.get("rateInterval")
        if not is_told(rate, told.get("rate", 0)) or ends and not (interval and are_told(interval[0], ends)):
            fault(browser, f"{name}: the page shows the rate {rate}, {interval}, the API {told}")
        value = axis(browser, table.find_element(By.CSS_SELECTOR, ".scale"), "x")
        span = abs(value(100) - value(0))
        whiskers = [[float(end.rstrip("%")) for end in each] for each in attributes(browser, row, "svg.bar line", "x1", "x2")]
        low, high = whiskers[0]
        compare(browser, "a rate", value(float(bars[0][0].rstrip("%"))), told.get("rate", 0), span)
        compare(browser, "a rate's low end", value(low), ends["low"] if ends else 0, span)
        if ends:
            compare(browser, "a rate's high end", value(high), ends["high"], span)
        if whiskers[1:] != [[low, low], [high, high]]:
            fault(browser, f"{name}: the whisker's ends are at {whiskers}")


def check_bars(browser, api, query, report, conversion):
    """The bars over time, against the series."""
    figures = browser.find_elements(By.CSS_SELECTOR, "[aria-labelledby=time] figure")
    captions = [figure.find_element(By.TAG_NAME, "figcaption").text for figure in figures]
    hours = 1 if any("by hour" in caption for caption in captions) else 24
    # A series knows no earlier state: what came later is left out of it.
    query = query.replace("asOf=", "to=") + ("&bucket=hour" if hours == 1 else "&bucket=day")
    series = json.loads(fetch(browser, api + "series" + query))
    if len(figures) != 2 or not series["buckets"]:
        fault(browser, f"{len(figures)} charts are drawn of {len(series['buckets'])} pieces of time")
        return
    time = datetime.datetime.fromisoformat
    first = time(series["buckets"][0]["start"])
    told = {round((time(bucket["start"]) - first) / datetime.timedelta(hours=hours)): bucket for bucket in series["buckets"]}
    exposed = lambda outcome: outcome["exposed"]

    def converted(outcome):
        told = converted_of(outcome, conversion)
        return told.get("converted", told.get("visitors", 0))

    window = max([group["windowDays"] for group in report["groups"]] + [report["windowDays"]])
    has_exposures = any(outcome["exposures"] for outcome in report["outcomes"])
    for figure, count, days in zip(figures, [exposed, converted], [0, window if has_exposures else 0]):
        svg = figure.find_element(By.CSS_SELECTOR, "svg.chart")
        tick, label = browser.execute_script(TICKS, svg)[-1]
        highest = number(label) * 100 / (100 - float(tick.rstrip("%")))
        bars = attributes(browser, svg, "rect", "x", "y", "width", "height", "class")
        if len(bars) != max(told) + 1:
            fault(browser, f"{len(bars)} bars are drawn of {max(told) + 1} pieces of time")
        places = [[float(place.rstrip("%")) for place in bar[:4]] for bar in bars]
        for index, ((x, y, width, height), bar) in enumerate(zip(places, bars)):
            bucket = told.get(index, {"outcomes": []})
            compare(browser, f"bar {index}", height / 100 * highest, sum(map(count, bucket["outcomes"])), highest)
            if abs(y + height - 100) > 0.02 or abs(x - places[0][0] - index * width / 0.8) > 0.02 * (index + 1):
                fault(browser, f"bar {index} stands at {x}, {y}, and is {width} wide and {height} high")
            if "end" in bucket:
                is_young = time(bucket["end"]) + datetime.timedelta(days=days) > time(report["asOf"])
                if is_young != (bar[4] == "young"):
                    fault(browser, f"bar {index} ends {bucket['end']} and is drawn {bar[4]} as of {report['asOf']}")


def check_verdict(browser, section, group):
    """The numbers of the table that the verdict goes by."""
    rows = section.find_elements(By.CSS_SELECTOR, "table.compared")[:1]
    rows = rows[0].find_elements(By.CSS_SELECTOR, "tbody tr") if rows else []
    is_compared = group.get("mismatchLog10Max", 0) < 3 and any(arm["mature"] for arm in group["arms"])
    if len(rows) != (len(group["arms"]) if is_compared else 0):
        fault(browser, f"{len(rows)} outcomes are compared of {len(group['arms'])}")
    for row, arm in zip(rows, group["arms"]):
        cells = {cell.get_attribute("data-label"): cell.text.split("\n") for cell in row.find_elements(By.TAG_NAME, "td")}
        if number(cells["Converted"][0]) != arm["converted"] or number(cells["Compared"][0]) != arm["mature"]:
            fault(browser, f"{cells} are shown of {arm['converted']} of {arm['mature']}")
        for label, value, bounds in [("Rate", "rate", "rateInterval"), ("Difference", "difference", "differenceAlwaysValid")]:
            text, *interval = cells[label]
            if value in arm and not is_told(text, arm[value]) or bounds in arm and not are_told(interval[0], arm[bounds]):
                fault(browser, f"{label} is shown as {cells[label]}, and is {arm.get(value)}, {arm.get(bounds)}")


# A journey, against the paths of the report.

def way(paths):
    """Of paths and their outcomes, from where the first ways part: visitors, the outcome that it ends in, and the ways on."""
    ends = [outcome for path, outcome in paths if not path]
    parts = {}
    for path, outcome in paths:
        if path:
            parts.setdefault(path[0], []).append((path[1:], outcome))
    if not ends and len(parts) == 1:
        return way(*parts.values())
    if not parts:
        return (ends[0]["exposed"], ends[0], [])
    ways = [way(part) for part in parts.values()] + [(outcome["exposed"], outcome, []) for outcome in ends]
    return (sum(outcome["exposed"] for _, outcome in paths), None, sorted(ways, key=lambda each: -each[0]))


def steps_of(node, depth=0, parent=None):
    """A journey's list, from the top."""
    return [(min(depth, 8), node, parent)] + [step for child in node[2] for step in steps_of(child, depth + 1, node)]


def folded(node):
    """As it is drawn: of more than eight ways the smaller ones are one."""
    ways = node[2]
    if len(ways) <= 8:
        return (node[0], node[1], [folded(each) for each in ways])
    return (node[0], node[1], [folded(each) for each in ways[:7]] + [(sum(each[0] for each in ways[7:]), None, [])])


def drawn_of(node, parent=None):
    """The labels of a journey's drawing, with the bands that lead to each way's further ones before its own."""
    labels, bands = [], []
    for child in node[2]:
        further = drawn_of(child, node)
        labels += further[0]
        bands += further[1]
    return labels + [(node, parent)], bands + node[2]


def is_of(text, node, parent):
    """Whether the text tells how many visitors took a way, and how many those are of all that came to where it parts."""
    count, _, share = text.partition(",")
    return number(count.split(" visitor")[0]) == node[0] and (
        not (parent and parent[0]) and not share or parent and is_told(share, node[0] / max(parent[0], 1)))


def check_journey(browser, api, conversion):
    report = json.loads(fetch(browser, api + "outcomes?" + urllib.parse.urlsplit(browser.current_url).query))
    counted = [each for each in report["outcomes"] if each["exposed"]] or report["outcomes"]
    root = way([(each["outcomeId"].split(",") if "outcomeId" in each else [None], each) for each in counted])
    root = root if root[2] else (root[0], None, [root])
    rate = lambda outcome: converted_of(outcome, conversion).get("rate", 0)
    rates = [rate(outcome) for outcome in counted if outcome["exposed"]] or [0]
    low, high = min(rates), max(rates)
    shade = lambda outcome: f"shade-{min(int((rate(outcome) - low) / (high - low) * 5), 4) + 1}" if low < high else ""

    def is_rated(text, outcome):
        """As in `4.20 % converted (3.99 to 4.50 %)`."""
        bounds = converted_of(outcome, conversion).get("rateInterval")
        return is_told(text, rate(outcome)) and (not bounds or are_told(text.partition("(")[2], bounds))

    items = browser.find_elements(By.CSS_SELECTOR, ".steps li")
    steps = steps_of(root)
    if len(items) != len(steps):
        fault(browser, f"{len(items)} ways are listed of {len(steps)}")
    for item, (depth, node, parent) in zip(items, steps):
        text = item.find_element(By.CSS_SELECTOR, ".quiet").text
        results = [each.text for each in item.find_elements(By.CSS_SELECTOR, ".result")]
        if f"depth-{depth}" not in item.get_attribute("class").split() or not is_of(text, node, parent):
            fault(browser, f"a way is listed as {item.text!r}, and is of {node[0]} of {parent and parent[0]} visitors")
        if node[1] and node[1]["exposed"] and not (results and is_rated(results[0], node[1])):
            fault(browser, f"a way ends in {results}, and the API says {rate(node[1])}")
    svg = browser.find_element(By.CSS_SELECTOR, ".flow svg")
    labels, bands = drawn_of(folded(root))
    # A label's circle is followed by its texts; its visitors are the first of those that are no title.
    places, details = [], []
    for tag, kind, x, y, text in browser.execute_script(MARKS, svg):
        if tag == "circle" and kind != "stop":
            places.append((float(x), float(y)))
            details.append([])
        elif tag == "text" and kind == "detail":
            details[-1].append(text)
    drawn = attributes(browser, svg, "path.band", "d", "stroke-width", "class")
    if len(places) != len(labels) or len(drawn) != len(bands):
        fault(browser, f"{len(places)} places and {len(drawn)} bands are drawn of {len(labels)} and {len(bands)}")
    for texts, (node, parent) in zip(details, labels):
        if not is_of(texts[0].partition(" ·")[0], node, parent):
            fault(browser, f"a place is drawn with {texts}, and is of {node[0]} of {parent and parent[0]} visitors")
        if node[1] and node[1]["exposed"] and not is_rated(texts[-1], node[1]):
            fault(browser, f"a place is drawn with {texts}, and the API says {rate(node[1])}")
    widest, most = max(float(width) for _, width, _ in drawn), max(node[0] for node in bands)
    for (path, width, kind), node in zip(drawn, bands):
        # Rounded to a tenth, both of them, and never too thin to be seen.
        wanted = max(1.5, widest * node[0] / most) if most else 1.5
        if abs(float(width) - wanted) > 0.11:
            fault(browser, f"a band of {node[0]} visitors is {width} thick, and should be {wanted}")
        if kind.split()[1:] != ([shade(node[1])] if node[1] and node[1]["exposed"] and low < high else []):
            fault(browser, f"a band is drawn as {kind}, and leads to {node[1] and rate(node[1])} of {low} to {high}")
        x, y = map(float, path.split()[-2:])
        place = places[[node is each for each, _ in labels].index(True)]
        if abs(place[0] - x) > 5 or abs(place[1] - y) > 0.2:
            fault(browser, f"a band ends at {x}, {y}, and what it leads to is at {place}")


# The lines of the list, against the series.

def check_sparklines(browser, api):
    """Tells how many there are."""
    today = datetime.date.today()
    days = [str(today - datetime.timedelta(days=ago)) for ago in range(28, 0, -1)]
    drawn = 0
    for row in browser.find_elements(By.CSS_SELECTOR, "table.rules tbody tr"):
        texts, lines = attributes(browser, row, "svg.sparkline", "aria-label"), attributes(browser, row, "polyline", "points")
        for [text], [line] in zip(texts, lines, strict=True):
            query = urllib.parse.urlsplit(row.find_element(By.CSS_SELECTOR, "th a").get_attribute("href")).query
            series = json.loads(fetch(browser, f"{api}series?{query}&bucket=day&from={days[0]}&to={days[-1]}"))
            counts = {bucket["start"][:10]: sum(
                outcome["exposures"] + sum(each["events"] for each in outcome["conversions"]) for outcome in bucket["outcomes"])
                for bucket in series["buckets"]}
            if number(text.split(" events")[0]) != sum(counts.values()):
                fault(browser, f"{query}: {text}, and the API has {sum(counts.values())}")
            places = [tuple(map(float, place.split(","))) for place in line.split()]
            highest = max([1, *counts.values()])
            if len(places) != len(days):
                fault(browser, f"{query}: the line has {len(places)} days")
            for index, ((x, y), day) in enumerate(zip(places, days)):
                # Of a drawing of 120 by 24, with one left free above and below.
                compare(browser, f"{query}, {day}", (23 - y) / 22 * highest, counts.get(day, 0), highest)
                if abs(x - 120 * index / 27) > 0.06:
                    fault(browser, f"{query}, {day}: the line has it at {x}")
            drawn += 1
    return drawn


def check_plots(browser, api, query=None):
    """Those of the rule's page that is open; tells how many groups have a course."""
    query = "?" + (query or urllib.parse.urlsplit(browser.current_url).query)
    report = json.loads(fetch(browser, api + "outcomes" + query))
    course = json.loads(fetch(browser, api + "course" + re.sub("&asOf=.*", "", query)))
    if "asOf=" in query:
        # A course goes on, and what a look in the end of a day said stays as it was.
        for group in course["groups"]:
            group["days"] = [day for day in group["days"] if day["end"] <= report["asOf"]]
            for outcome in group["outcomes"]:
                if outcome.get("shownSince", "") >= report["asOf"][:10]:
                    del outcome["shownSince"]
    tables = browser.find_elements(By.CSS_SELECTOR, "table.compared:has(.scale)")
    for group in report["groups"]:
        for arms, margin in parts_of(group):
            check_effects(browser, tables.pop(0), arms, margin)
    if tables:
        fault(browser, f"{len(tables)} tables of differences are drawn that the API does not have")
    check_overview(browser, report)
    conversion = browser.find_element(By.CSS_SELECTOR, "#outcomes bdi").get_attribute("textContent")
    check_counts(browser, report, conversion)
    check_bars(browser, api, query, report, conversion)
    for section, group in zip(browser.find_elements(By.CSS_SELECTOR, "section.headline"), report["groups"]):
        check_verdict(browser, section, group)
    drawn = [group for group in course["groups"] if group["days"]]
    for group in drawn:
        check_bands(browser, group)
        # Who came on a day has converted more since.
        if "asOf=" not in query:
            check_lines(browser, group)
    return len(drawn)


def check_on_paper(browser, size):
    """As it is printed while the system is dark."""
    set_size(browser, PAPER)
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": dark})
    for text in browser.execute_script(ON_PAPER):
        fault(browser, f"on paper: {text}")
    for text, left, right, room in browser.execute_script(LABELS):
        fault(browser, f"on paper a label is cut: {text!r} from {left} to {right} in {room}")
    if "/rule?" in browser.current_url:
        printed = browser.find_element(By.CSS_SELECTOR, ".printed").text
        if "as of " not in printed or "/console/default/rule?ruleId=" not in printed or "asOf=" not in printed:
            fault(browser, f"on paper it does not say where to find it, and of when it is: {printed}")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    set_size(browser, size)


# Pictures, against the API, and measured as they are drawn.

def check_pictures(browser, api):
    """Those of the rule whose page is open; tells how many."""
    page = browser.current_url
    report = json.loads(fetch(browser, api + "outcomes?" + urllib.parse.urlsplit(page).query))
    found = links(browser, ".share a")
    if len(found) != len(report["groups"]):
        fault(browser, f"{len(found)} pictures of {len(report['groups'])} groups")
    for href, group in zip(found, report["groups"]):
        with urllib.request.urlopen(href) as answer:
            svg, headers = answer.read().decode(), answer.headers
        if not headers["Content-Type"].startswith("image/svg+xml") or "default-src 'none';" not in headers["Content-Security-Policy"]:
            fault(browser, f"{href} comes as {headers}")
        if not re.search(r"-20\d\d-\d\d-\d\d\.svg", headers["Content-Disposition"]):
            fault(browser, f"{href} is called {headers['Content-Disposition']}")
        root = xml.etree.ElementTree.fromstring(svg)
        texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
        browser.get(href)
        check_told(browser, texts, group)
        check_drawn(browser, root, group)
        for text in browser.execute_script(IN_PICTURE):
            fault(browser, text)
        browser.get("about:blank")
        pixels = browser.execute_async_script(PIXELS, svg)
        height = int(root.get("height"))
        if not pixels or pixels[:3] != [1280, height, [255] * 4] or not 0.005 < pixels[3] < 0.9 or pixels[4] != "data:image/png":
            faults.append(f"{href}: as pixels it is {pixels}, and {height} high")
    browser.get(page)
    return len(found)


def check_told(browser, texts, group):
    """The numbers of each outcome, as a picture's texts."""
    mismatched = group.get("mismatchLog10Max", 0) >= 3
    counts = [int(digits) for text in texts for digits in re.findall(r"\d+", text.replace("\u202f", ""))]
    rates = [text for text in texts if re.fullmatch(r"[0-9.]+\s%", text)]
    points = [text.replace("−", "-") for text in texts]
    for arm in group["arms"]:
        if mismatched or not any(each["mature"] for each in group["arms"]):
            if arm["exposed"] not in counts:
                fault(browser, f"the picture does not tell of {arm['exposed']} visitors")
            continue
        if arm["converted"] not in counts or arm["mature"] not in counts:
            fault(browser, f"the picture does not tell of {arm['converted']} of {arm['mature']}")
        if not any(is_rate(text, arm["rate"]) for text in rates):
            fault(browser, f"the picture does not tell the rate {arm['rate']}")
        for part in [arm] + arm["guardrails"]:
            difference = part.get("difference")
            if difference is not None and abs(difference) >= 0.0005 and f"{100 * difference:+.2f}" not in points:
                fault(browser, f"the picture does not tell the difference {difference}")


def parts_of(group):
    """What is compared in a group, a table for each: the arms' own differences, then those of each guardrail, and its margin."""
    parts = [(group["arms"], None)] + [
        ([arm["guardrails"][index] for arm in group["arms"]], guardrail["margin"])
        for index, guardrail in enumerate(group["arms"][0]["guardrails"])]
    return [(arms, margin) for arms, margin in parts if any("differenceAlwaysValid" in arm for arm in arms)]


def check_drawn(browser, root, group):
    """A picture's drawn differences, against those of the group."""
    space = "{http://www.w3.org/2000/svg}"
    marks = lambda tag, *names: [[mark.get(name) for name in names] for mark in root.iter(space + tag)]
    texts = [("".join(text.itertext()), float(text.get("x")), float(text.get("y"))) for text in root.iter(space + "text")]
    heads = [y for text, x, y in texts if text == "Outcome" and x < 100]
    # Labels of an axis stand in the middle of the picture, beside the heads of the columns.
    ticks = {head: [(x, float(text.replace("−", "-"))) for text, x, y in texts
                    if y == head and 420 < x < 690 and re.fullmatch("[+−]?[0-9.]+", text)] for head in heads}
    lines = [[float(end) for end in line[:4]] + line[4:]
             for line in marks("line", "x1", "y1", "x2", "y2", "stroke-dasharray", "stroke-width")]
    circles = [(float(x), float(y)) for x, y in marks("circle", "cx", "cy")]
    arrows = [[tuple(map(float, corner.split(","))) for corner in corners.split()] for [corners] in marks("polygon", "points")]
    tables = [(head, foot) for head, foot in zip(heads, heads[1:] + [float("inf")]) if ticks[head]]
    parts = parts_of(group)
    if len(tables) != len(parts):
        fault(browser, f"the picture has {len(tables)} tables with differences of {len(parts)}")
    for (head, foot), (arms, margin) in zip(tables, parts):
        (first, low), (last, high) = ticks[head][0], ticks[head][-1]
        value = lambda x: (low + (x - first) / (last - first) * (high - low)) / 100
        span = value(680) - value(428)
        within = [line for line in lines if head < line[1] < foot]
        for x in [line[0] for line in within if line[4]]:
            compare(browser, "the picture's line of no difference", value(x), 0, span)
        margins = [line[0] for line in within if line[0] == line[2] and line[5] == "2"]
        if len(margins) != (margin is not None):
            fault(browser, f"the picture has {len(margins)} lines of the margin {margin}")
        for x in margins:
            compare(browser, "the picture's margin", value(x), -margin, span)
        told = [arm for arm in arms if "differenceAlwaysValid" in arm]
        drawn = [circle for circle in circles if head < circle[1] < foot]
        if len(drawn) != len(told):
            fault(browser, f"the picture has {len(drawn)} differences of {len(told)}")
        for (x, y), arm in zip(drawn, told):
            compare(browser, "the picture's difference", value(x), arm["difference"], span)
            whisker = next(line for line in within if line[1] == line[3] == y and line[5] == "2.5")
            ends = [line[0] for line in within if line[0] == line[2] and (line[1] + line[3]) / 2 == y and line[5] == "2.5"]
            for end, place in [("low", whisker[0]), ("high", whisker[2])]:
                beyond = [corners for corners in arrows if corners[0][1] == y and abs(corners[0][0] - place) < 8]
                # An arrow tells that it runs out of the drawing.
                if beyond:
                    is_out = (value(place) - arm["differenceAlwaysValid"][end]) * (1 if end == "low" else -1) > -0.004 * span
                    if not is_out:
                        fault(browser, f"the picture has an arrow for {arm['differenceAlwaysValid']}")
                    continue
                compare(browser, f"the picture's {end} end", value(place), arm["differenceAlwaysValid"][end], span)
                if place not in ends:
                    fault(browser, f"the picture's {end} end has no mark at {place}")


def check_overview(browser, report):
    """The table of all conversions, against the report."""
    # On a phone the head is out of sight, which has no text.
    names = [cell.get_attribute("textContent") for cell in browser.find_elements(By.CSS_SELECTOR, "table.overview thead bdi")]
    found = {c["conversion"] for outcome in report["outcomes"] for c in outcome["conversions"] if "conversion" in c}
    if len(found) > 1 and not found <= set(names):
        fault(browser, f"conversions {names} are shown of {found}")
    rows = browser.find_elements(By.CSS_SELECTOR, "table.overview tbody tr")
    for row, outcome in zip(rows, report["outcomes"]):
        told = {c["conversion"]: c for c in outcome["conversions"] if "conversion" in c}
        for name, cell in zip(names, row.find_elements(By.TAG_NAME, "td")):
            rate, converted = cell.text.split("\n")[-2:]
            count = told.get(name, {}).get("converted", 0)
            if number(converted) != count or (outcome["exposed"] and not is_rate(rate, count / outcome["exposed"])):
                fault(browser, f"{outcome['outcomeId']}, {name}: the page shows {rate} and {converted}, the API {count}")


def is_rate(text, rate):
    return abs(float(text.split()[0]) - 100 * rate) <= 0.0501 * max(1, 100 * rate / 10)


def check_plan(browser):
    """The curve, against the table."""
    svg = browser.find_element(By.CSS_SELECTOR, ".plan svg.chart")
    script = TICKS.replace(":not(.since)", ":not(.place)")
    ticks = [(float(place.rstrip("%")), number(label)) for place, label in browser.execute_script(script, svg)]
    (first, low), (last, high) = ticks[0], ticks[-1]
    rows = [[cell.text for cell in row.find_elements(By.CSS_SELECTOR, "th, td")]
            for row in browser.find_elements(By.CSS_SELECTOR, "table.plan tbody tr")]
    rows = [row for row in rows if "over" not in row[4]]
    widest = float(rows[-1][0])
    for line, column in zip(svg.find_elements(By.TAG_NAME, "polyline"), [3, 4], strict=True):
        drawn = points(line)
        if len(drawn) != len(rows) or not rows:
            fault(browser, f"{len(drawn)} differences are drawn of {len(rows)}")
        for (x, y), row in zip(drawn, rows):
            compare(browser, "days", low + (y - first) / (last - first) * (high - low), number(row[column]), high)
            compare(browser, "a difference", x / 1000 * widest, float(row[0]), widest)


def check_planned(browser):
    """The rows of the planner, which follow from one another; gives in how many days four of five tests show each difference."""
    rate = float(re.search(r"[\d.]+", browser.find_element(By.ID, "rate").get_attribute("value").replace(",", ".")).group()) / 100
    # In the order of the columns: its difference, lift, rate, and days.
    rows = [[cell.text for cell in row.find_elements(By.CSS_SELECTOR, "th, td")]
            for row in browser.find_elements(By.CSS_SELECTOR, "table.plan tbody tr")]
    for difference, _, sum, half, most in rows:
        if not is_told(sum, rate + float(difference) / 100):
            fault(browser, f"{difference} points above {rate} are {sum}")
        # More days than are planned for are `over 1 000`.
        half, most = half.removeprefix("over "), most.removeprefix("over ")
        if number(half) > number(most):
            fault(browser, f"half of all tests show {difference} points by day {half}, four of five by {most}")
    days = [number(row[4].removeprefix("over ")) for row in rows]
    if not rows or days != sorted(days, reverse=True):
        fault(browser, f"larger differences take {days} days")
    return days


# What cannot be planned, by the field that it is written into.
HOSTILE = [
    ("rate", "0"), ("rate", "<script>document.title='x'</script>"),
    ("visitors", "\"><img src=x onerror=\"document.title='x'\">"), ("difference", "' autofocus onfocus='document.title=1"),
    ("split", "<b>50:50</b>"), ("window", "9" * 40), ("tau", "&lt;i&gt;\u202e"), ("guardrails", "-1")]


def check_planner(browser, url, size, axe):
    """With everything that can be said of a test, and with what says nothing; tells how many pages."""
    asked = {"rate": "4,2 %", "visitors": "1,800", "difference": "0.5"}
    browser.get(url + "default/plan?" + urllib.parse.urlencode(asked))
    simple = check_planned(browser)
    asked |= {"split": "50:25:25", "window": "14", "tau": "0.004", "guardrails": "2"}
    browser.get(url + "default/plan?" + urllib.parse.urlencode(asked))
    check_page(browser, size, True, axe)
    check_plan(browser)
    days = check_planned(browser)
    # With guardrails, a third outcome and a longer window all of them take longer.
    if not all(long > short or long == max(days) for long, short in zip(days, simple)):
        fault(browser, f"they take {days} days, and {simple} without any of it")
    text = browser.find_element(By.CSS_SELECTOR, ".headline p").text
    for part in ["4.20 %", "50:25:25", "14 days", "2 guardrails", "tau: 0.004"]:
        if part not in text.replace("\u202f", " ").replace("\u00a0", " "):
            fault(browser, f"{part} is asked for, and the page says: {text}")
    check_fields(browser, asked)
    for field, value in HOSTILE:
        wrong = asked | {field: value}
        browser.get(url + "default/plan?" + urllib.parse.urlencode(wrong))
        # The browser's console tells of the 400.
        browser.get_log("browser")
        check_page(browser, size, True, axe)
        check_fields(browser, wrong)
        alerts = browser.find_elements(By.CSS_SELECTOR, ".warning[role=alert]")
        if len(alerts) != 1 or browser.find_elements(By.CSS_SELECTOR, "table.plan, svg.chart, .headline"):
            fault(browser, f"{field} is {value}, and {len(alerts)} alerts tell of it")
    return len(HOSTILE) + 2


def check_fields(browser, asked):
    for field, value in asked.items():
        shown = browser.find_element(By.ID, field).get_attribute("value")
        if shown != value:
            fault(browser, f"{field} shows {shown} after {value} was asked for")


def check_earlier(browser, url, size, script, axe):
    """A rule's page as of an earlier day."""
    api = url.replace("/console/", "/v1/sites/default/")
    day = str(datetime.date.today() - datetime.timedelta(days=10))
    query = "ruleId=article-22&asOf=" + day
    browser.get(url + "default/rule?" + query)
    check_page(browser, size, script, axe)
    told, now = (json.loads(fetch(browser, api + "outcomes?" + each)) for each in (query, "ruleId=article-22"))
    shown = [row["exposed"] for row in shown_rows(browser).values()]
    then, since = ([outcome["exposed"] for outcome in each["outcomes"]] for each in (told, now))
    if shown != then or shown == since:
        fault(browser, f"as of {day} the page shows {shown} visitors of {then}, and now there are {since}")
    for section, group in zip(browser.find_elements(By.CSS_SELECTOR, "section.headline"), told["groups"], strict=True):
        check_verdict(browser, section, group)
    if not browser.find_elements(By.CSS_SELECTOR, '.warning a[href="rule?ruleId=article-22"]'):
        fault(browser, f"as of {day} nothing leads to what is known now")
    if browser.find_element(By.ID, "asOf").get_attribute("value") != day:
        fault(browser, f"as of {day} the form shows otherwise")
    if script:
        check_plots(browser, api)


def open_file(browser, directory):
    """Opens the file of the rule whose page is open, as from a disk; gives what it came with."""
    href, = links(browser, '.downloads a[href^="result?"]')
    with urllib.request.urlopen(href) as answer:
        content, headers = answer.read(), answer.headers
    path = pathlib.Path(directory) / "result.html"
    path.write_bytes(content)
    browser.get(path.as_uri())
    return content.decode(), headers


def check_file(browser, api, size, axe, directory):
    """The rule's page that is open as a file by itself: the same numbers and drawings, and nothing that is not in it."""
    page = browser.current_url
    query = urllib.parse.urlsplit(page).query
    shown = shown_rows(browser)
    text, headers = open_file(browser, directory)
    check_page(browser, size, True, axe)
    if not re.fullmatch(r'attachment; filename="default-.*-20\d\d-\d\d-\d\d\.html"', headers["Content-Disposition"]):
        fault(browser, f"the file is called {headers['Content-Disposition']}")
    style = re.search("<style>(.*?)</style>", text, re.DOTALL)
    digest = style and base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    if f"style-src 'sha256-{digest}'" not in headers["Content-Security-Policy"]:
        fault(browser, f"the file's style is not the one that it may have: {headers['Content-Security-Policy']}")
    if shown_rows(browser) != shown:
        fault(browser, f"the file shows {shown_rows(browser)}, and the page {shown}")
    for element in browser.find_elements(By.CSS_SELECTOR, 'link, form, button, [src], a:not([href^="#"])'):
        fault(browser, f"the file leads out of itself: {element.get_attribute('outerHTML')[:120]}")
    if not any("Site default, as of " in text.text for text in browser.find_elements(By.CSS_SELECTOR, "main p")):
        fault(browser, "the file does not say on the screen of what site it is, and of when")
    check_plots(browser, api, query)
    browser.get(page)


def check_dark(url, axe):
    """Every kind of page while the system is dark; tells how many."""
    pages = 0
    earlier = f"&asOf={datetime.date.today() - datetime.timedelta(days=10)}"
    for size in (DESKTOP, PHONE):
        browser = open_browser(size, dark=True)

        def look():
            # What is folded is as dark as the rest.
            browser.execute_script("for (const details of document.querySelectorAll('details')) details.open = true")
            check_page(browser, size, True, axe)
            ground = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
            if max(map(int, re.findall(r"\d+", ground)[:3])) > 64:
                fault(browser, f"in dark the ground is {ground}")

        browser.get(url)
        rules = links(browser, "table.rules tbody th a")
        article = next(rule for rule in rules if "article-22" in rule)
        look()
        with tempfile.TemporaryDirectory() as directory:
            browser.get(article)
            open_file(browser, directory)
            look()
        others = [
            "rules?tab=mistaken", "rules?tab=unseen", "rules?q=nothing", "plan", "plan?rate=4.2&visitors=900&difference=0.5",
            "health"]
        browser.get(next(rule for rule in rules if "subscribe-5" in rule))
        journeys = links(browser, 'a[href^="journey"]')
        for address in rules + [article + earlier] + journeys + [url + "default/" + other for other in others]:
            browser.get(address)
            look()
            pages += 1
        for wrong in ["plan?rate=0&visitors=1&difference=1", "rule?ruleId=unknown"]:
            browser.get(url + "default/" + wrong)
            browser.get_log("browser")
            look()
            pages += 1
        browser.quit()
    return pages


def check_light(url, size, axe):
    """Every page and control, with script and without; tells how many pages."""
    api = url.replace("/console/", "/v1/sites/default/")
    pages = 0
    for script in (True, False):
        browser = open_browser(size, script)
        browser.get(url)
        check_page(browser, size, script, axe)
        rules = links(browser, "table.rules tbody th a")
        if len(rules) < 6:
            fault(browser, f"there are {len(rules)} rule versions")
        tabs = links(browser, ".tabs a")
        if len(tabs) != 7:
            fault(browser, f"there are {len(tabs)} tabs")
        if script and size == DESKTOP:
            check_on_paper(browser, size)
        if script and check_sparklines(browser, api) < 6:
            fault(browser, "there are fewer than six sparklines")
        heads = links(browser, "table.rules thead a, .sorts a")
        # All of them once; they are the same page.
        for address in tabs + heads if size == DESKTOP and script else tabs[-1:]:
            browser.get(address)
            check_page(browser, size, script, axe)
            shown = len(browser.find_elements(By.CSS_SELECTOR, "table.rules tbody tr"))
            told = number(browser.find_element(By.CSS_SELECTOR, ".tabs [aria-current] .count").text)
            if shown != told:
                fault(browser, f"the tab tells of {told} rule versions and shows {shown}")
            pages += 1
        browser.get(url + "default/rules")
        browser.find_element(By.ID, "q").send_keys("PAYWALL")
        submit(browser, ".search button")
        check_page(browser, size, script, axe)
        if len(links(browser, "table.rules tbody th a")) != 1:
            fault(browser, "the search for PAYWALL should find one rule version")
        browser.find_element(By.ID, "q").send_keys(" and nothing")
        submit(browser, ".search button")
        check_page(browser, size, script, axe)
        drawn = pictures = 0
        for rule in rules:
            browser.get(rule)
            check_page(browser, size, script, axe)
            if script:
                drawn += check_plots(browser, api)
            if script and size == DESKTOP:
                check_on_paper(browser, size)
                pictures += check_pictures(browser, api)
            pages += 1
            conversion = browser.find_element(By.CSS_SELECTOR, "#outcomes bdi").get_attribute("textContent")
            for journey in links(browser, 'a[href^="journey"]'):
                browser.get(journey)
                check_page(browser, size, script, axe)
                if script:
                    check_journey(browser, api, conversion)
                if script and size == DESKTOP:
                    check_on_paper(browser, size)
                pages += 1
        if script and drawn < 4:
            fault(browser, f"the course of {drawn} groups is drawn")
        if script and size == DESKTOP and pictures < 6:
            fault(browser, f"there are {pictures} pictures")
        browser.get(next(rule for rule in rules if "article-22" in rule))
        verdict = browser.find_element(By.CSS_SELECTOR, ".headline .verdict").text
        if "is better than" not in verdict:
            fault(browser, f"the verdict reads: {verdict}")
        check_downloads(browser, "CUSTOMER")
        if script:
            with tempfile.TemporaryDirectory() as directory:
                check_file(browser, api, size, axe, directory)
        check_choices(browser, size, script, axe)
        browser.get(url + "default/plan")
        check_page(browser, size, script, axe)
        for field, value in [("rate", "4.2"), ("visitors", "900"), ("difference", "0.5")]:
            browser.find_element(By.ID, field).send_keys(value)
        submit(browser, ".choices button")
        check_page(browser, size, script, axe)
        check_plan(browser)
        if script and size == DESKTOP:
            pages += check_planner(browser, url, size, axe)
        check_earlier(browser, url, size, script, axe)
        browser.get(url + "default/rules?tab=mistaken")
        mistakes = links(browser, "table.rules tbody th a")
        if not mistakes or "Probably" not in browser.find_element(By.CSS_SELECTOR, "table.rules tbody .result").text:
            fault(browser, f"{len(mistakes)} ids are listed as mistakes")
        for mistaken in mistakes:
            browser.get(mistaken)
            check_page(browser, size, script, axe)
            if script:
                check_plots(browser, api)
            pages += 1
        for address in ["health", "rule?ruleId=unknown", "rule?ruleId=article-22&from=nonsense", "rules?q=%3Cb%3E"]:
            browser.get(url + "default/" + address)
            if "nonsense" in address or "unknown" in address:
                # The browser's console tells of the 400 and the 404.
                browser.get_log("browser")
            check_page(browser, size, script, axe)
            pages += 1
        browser.quit()
    return pages


def check(url, part):
    axe = axe_source()
    pages = check_dark(url, axe) if part == "dark" else check_light(url, {"desktop": DESKTOP, "phone": PHONE}[part], axe)
    print("\n".join(faults))
    print(f"{pages} pages, {len(faults)} faults")
    return 1 if faults else 0


def screenshots(url, directory):
    pages = {
        "rules": "rules", "rule": "rule?ruleId=article-22", "guardrail": "rule?ruleId=newsletter-7",
        "broken": "rule?ruleId=metering-9", "journey": "journey?ruleId=subscribe-5",
        "plan": "plan?rate=4.2&visitors=900&difference=0.5", "health": "health"}
    for width, name in [(DESKTOP, "wide"), (PHONE, "narrow")]:
        for dark in (False, True):
            browser = open_browser(width, dark=dark)
            for page, address in pages.items():
                set_size(browser, width)
                browser.get(url + "default/" + address)
                height = browser.execute_script("return document.documentElement.scrollHeight")
                set_size(browser, (width[0], min(height, 2600)))
                browser.save_screenshot(f"{directory}/{page}-{name}-{'dark' if dark else 'light'}.png")
            browser.quit()
    return 0


if __name__ == "__main__":
    sys.exit({"check": check, "screenshots": screenshots}[sys.argv[1]](*sys.argv[2:]))
