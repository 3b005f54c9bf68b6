"""Opens the console in headless Chromium, as people do.

    browser.py check URL          tries every page, control and download, and names what is wrong
    browser.py screenshots URL DIRECTORY

URL is the console's, with a slash at its end. The exit status is 0 when nothing is wrong.
"""
import csv
import datetime
import importlib.util
import io
import pathlib
import re
import sys
import urllib.parse
import urllib.request

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

DESKTOP, PHONE = (1280, 900), (390, 844)
# What a page with hostile ids in it must not have.
STRANGERS = "main script, main img, main iframe, main b, main style, main [onerror], main [onfocus], main [onclick]"

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
    with urllib.request.urlopen(href) as answer:
        return answer.read().decode()


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


def check_downloads(browser, conversion):
    shown = shown_rows(browser)
    found = links(browser, ".downloads a")
    if len(found) < 5:
        fault(browser, f"there are {len(found)} downloads")
    for href in found:
        if not fetch(browser, href):
            fault(browser, f"{href} is empty")
    full = [row for row in csv.DictReader(io.StringIO(fetch(browser, found[0]))) if row["conversion"] == conversion]
    for row in full:
        counted = {field: int(row[field]) for field in ("exposed", "converted", "events")}
        if shown.get(row["outcome"]) != counted:
            fault(browser, f"{row['outcome']}: the page shows {shown.get(row['outcome'])}, the full report {counted}")
    zephr = list(csv.DictReader(io.StringIO(fetch(browser, found[3]))))
    for row in zephr:
        counted = (int(row["total"]), int(row[f"conversion: {conversion}"]))
        page = shown.get(row["outcomeId"], {})
        if (page.get("exposed"), page.get("converted")) != counted:
            fault(browser, f"{row['outcomeId']}: the page shows {page}, Zephr's shape {counted}")
    if not full or len(full) != len(zephr) or len(full) != len(shown):
        fault(browser, f"{len(shown)} outcomes on the page, {len(full)} and {len(zephr)} in the files")


def check(url):
    axe = axe_source()
    pages = 0
    for size in (DESKTOP, PHONE):
        for script in (True, False):
            browser = open_browser(size, script)
            browser.get(url)
            check_page(browser, size, script, axe)
            rules = links(browser, "table.rules th a")
            if len(rules) < 6:
                fault(browser, f"there are {len(rules)} rule versions")
            browser.find_element(By.ID, "q").send_keys("PAYWALL")
            submit(browser, ".search button")
            check_page(browser, size, script, axe)
            if len(links(browser, "table.rules th a")) != 1:
                fault(browser, "the search for PAYWALL should find one rule version")
            browser.find_element(By.ID, "q").send_keys(" and nothing")
            submit(browser, ".search button")
            check_page(browser, size, script, axe)
            for rule in rules:
                browser.get(rule)
                check_page(browser, size, script, axe)
                pages += 1
                for journey in links(browser, 'a[href^="journey"]'):
                    browser.get(journey)
                    check_page(browser, size, script, axe)
                    pages += 1
            browser.get(next(rule for rule in rules if "article-22" in rule))
            verdict = browser.find_element(By.CSS_SELECTOR, ".headline .verdict").text
            if "is better than" not in verdict:
                fault(browser, f"the verdict reads: {verdict}")
            check_downloads(browser, "CUSTOMER")
            check_choices(browser, size, script, axe)
            for address in ["health", "rule?ruleId=unknown", "rule?ruleId=article-22&from=nonsense", "rules?q=%3Cb%3E"]:
                browser.get(url + "default/" + address)
                if "nonsense" in address or "unknown" in address:
                    # The browser's console tells of the 400 and the 404.
                    browser.get_log("browser")
                check_page(browser, size, script, axe)
                pages += 1
            browser.quit()
    print("\n".join(faults))
    print(f"{pages} pages, {len(faults)} faults")
    return 1 if faults else 0


def screenshots(url, directory):
    pages = {"rules": "rules", "rule": "rule?ruleId=article-22", "journey": "journey?ruleId=article-22", "health": "health"}
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
    sys.exit(check(sys.argv[2]) if sys.argv[1] == "check" else screenshots(sys.argv[2], sys.argv[3]))
