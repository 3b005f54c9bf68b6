"""Chromium and Firefox alike, as far as the tests of pages need them."""
import gc
import tempfile

from marionette_driver.marionette import Marionette
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

# Chromium without a window says so in its name, and programs that do are not counted.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"


class Chromium:
    name = "chromium"

    def __init__(self):
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-agent={AGENT}"]:
            options.add_argument(argument)
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_script_timeout(30)
        self.driver.set_window_size(1000, 800)

    def go(self, url):
        self.driver.get(url)

    def run(self, script, *arguments):
        """What the body of a function returns in the page."""
        return self.driver.execute_script(script, *arguments)

    def wait(self, script, *arguments):
        """What the expression's promise comes to."""
        return self.driver.execute_async_script(
            f"const done = arguments[arguments.length - 1]; Promise.resolve({script}).then(done)", *arguments)

    def click(self, selector):
        self.driver.find_element("css selector", selector).click()

    def back(self):
        self.driver.back()

    def open_hidden(self, url):
        """Opens a page where nobody sees it, in a window that is minimised; what follows is run in it."""
        self.driver.minimize_window()
        self.driver.get(url)

    def show_hidden(self):
        self.driver.set_window_size(1000, 800)

    def close_hidden(self):
        pass

    def quit(self):
        self.driver.quit()


class Firefox:
    name = "firefox"

    def __init__(self):
        # A directory, in which it makes a file: a file that is there it would remove, were it a device.
        self.logs = tempfile.TemporaryDirectory()
        self.driver = Marionette(bin="/usr/bin/firefox-esr", headless=True, gecko_log=self.logs.name)
        self.driver.start_session()
        self.driver.timeout.script = 30
        self.driver.set_window_rect(width=1000, height=800)

    def go(self, url):
        self.driver.navigate(url)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, script_args=arguments, sandbox=None)

    def wait(self, script, *arguments):
        return self.driver.execute_async_script(
            f"const done = arguments[arguments.length - 1]; Promise.resolve({script}).then(done)",
            script_args=arguments, sandbox=None)

    def click(self, selector):
        self.driver.find_element("css selector", selector).click()

    def back(self):
        self.driver.go_back()

    def open_hidden(self, url):
        # In a tab behind the one that is shown.
        self.front = self.driver.current_window_handle
        self.hidden = self.driver.open(type="tab", focus=False)["handle"]
        self.driver.switch_to_window(self.hidden, focus=False)
        self.driver.navigate(url)

    def show_hidden(self):
        self.driver.switch_to_window(self.hidden, focus=True)

    def close_hidden(self):
        self.driver.close()
        self.driver.switch_to_window(self.front)

    def quit(self):
        self.driver.quit()
        self.driver.cleanup()
        # What is left over for Python's end removes its files too late, and says so.
        self.driver = None
        gc.collect()
        self.logs.cleanup()
