"""Drive Chromium over its DevTools protocol, through a pipe: no port and no library needed.

Protocol: https://chromedevtools.github.io/devtools-protocol/ (messages are JSON, each ended by a
zero byte; Chromium reads them from file descriptor 3 and answers on 4).
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

from dev.say import Stop


class Browser:
    """A headless Chromium for the length of a ``with`` block."""

    def __init__(self, executable):
        self.executable = executable
        self.number = 0
        self.received = b""

    def __enter__(self):
        command_read, self.commands = os.pipe()
        self.answers, answer_write = os.pipe()
        self.profile = tempfile.mkdtemp(prefix="union-assist-chromium-")

        def place_pipes():
            # By way of high numbers, for 3 and 4 may themselves be ends of these pipes.
            os.dup2(command_read, 103)
            os.dup2(answer_write, 104)
            os.dup2(103, 3)
            os.dup2(104, 4)

        self.process = subprocess.Popen(
            [self.executable, "--headless", "--remote-debugging-pipe", "--hide-scrollbars"]
            + ["--no-first-run", "--disable-gpu", "--disable-dev-shm-usage", "--lang=zh-CN"]
            # The sandbox refuses to run as root.
            + (["--no-sandbox"] if os.geteuid() == 0 else [])
            + [f"--user-data-dir={self.profile}"],
            preexec_fn=place_pipes,
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(command_read)
        os.close(answer_write)
        return self

    def __exit__(self, *exception):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.commands)
        os.close(self.answers)
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, session=None, timeout=60, **parameters):
        """Send one command and return its result; events that come meanwhile are dropped."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        try:
            while data:
                data = data[os.write(self.commands, data) :]
            answer = self._answer(time.monotonic() + timeout)
        except OSError as error:
            raise Stop(f"Chromium ended while it was asked for {method}: {error}") from error
        if "error" in answer:
            raise Stop(f"Chromium refused {method}: {answer['error'].get('message')}")
        return answer["result"]

    def _answer(self, end):
        while True:
            text, zero, rest = self.received.partition(b"\0")
            if zero:
                self.received = rest
                answer = json.loads(text)
                if answer.get("id") == self.number:
                    return answer
                continue
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.answers], [], [], left)[0]:
                raise Stop("Chromium did not answer in time.")
            data = os.read(self.answers, 1 << 20)
            if not data:
                raise OSError("its pipe is closed")
            self.received += data

    def page(self):
        """Open an empty page with cookies of its own."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)
        session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        return Page(self, session["sessionId"])


class Page:
    """One page of the browser."""

    def __init__(self, browser, session):
        self.browser = browser
        self.session = session

    def call(self, method, **parameters):
        """Send a command to this page."""
        return self.browser.call(method, session=self.session, **parameters)

    def size(self, width, height, scale=1, mobile=False):
        """Size of the window in CSS pixels, and device pixels per CSS pixel."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=mobile,
        )
        self.call("Emulation.setTouchEmulationEnabled", enabled=mobile)

    def go(self, url):
        """Navigate; use `wait` to know when the page is there."""
        self.call("Page.navigate", url=url)

    def js(self, expression):
        """Value of a JavaScript expression; a promise is awaited."""
        result = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            error = details.get("exception", {}).get("description") or details["text"]
            raise Stop(f"The page failed: {error}")
        return result["result"].get("value")

    def wait(self, expression, seconds=60):
        """Wait until a JavaScript expression is true."""
        end = time.monotonic() + seconds
        while not self.js(f"Boolean({expression})"):
            if time.monotonic() > end:
                address = self.js("location.href")
                raise Stop(f"{address} did not become ready in {seconds} s: {expression}")
            time.sleep(0.2)

    def screenshot(self):
        """PNG of what the window shows."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
