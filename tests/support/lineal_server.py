"""A real server process under test: started, asked, measured, killed."""
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

START_DEADLINE_S = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, deadline_s, what, pause_s=0.01):
    """Polls; what a condition returns when it holds. The pause only spares the processor."""
    end = time.monotonic() + deadline_s
    while True:
        if value := condition():
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"waited {deadline_s} s for {what}")
        time.sleep(pause_s)


class Client:
    """One keep-alive REST connection. Threads: one at a time."""

    def __init__(self, port, timeout_s=30):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)

    def call(self, method, path, body=None):
        """(status, decoded body). Raises OSError or HTTPException when the server goes away."""
        data = None if body is None else json.dumps(body)
        self.connection.request(method, path, data, {"content-type": "application/json"} if data else {})
        answer = self.connection.getresponse()
        text = answer.read()
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, text.decode(errors="replace")

    def must(self, method, path, body=None):
        """The `result` of a call that has to succeed."""
        status, answer = self.call(method, path, body)
        if status != 200:
            raise AssertionError(f"{method} {path}: {status} {answer}")
        return answer["result"] if isinstance(answer, dict) and "result" in answer else answer

    def close(self):
        self.connection.close()


class ServerProcess:
    """`lineal serve` on a data directory, with free ports and a log file beside the data."""

    def __init__(self, program, data_dir, flags=(), environment=None):
        self.program, self.data_dir, self.flags = program, Path(data_dir), list(flags)
        self.environment = {**os.environ, **(environment or {})}
        self.log_path = self.data_dir.with_suffix(".log")
        self.rest_port = self.grpc_port = 0
        self.process = None

    def launch(self):
        self.rest_port, self.grpc_port = free_port(), free_port()
        command = [self.program, "serve", "--data-dir", str(self.data_dir), "--rest-port", str(self.rest_port),
                   "--grpc-port", str(self.grpc_port), *self.flags]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=self.environment)

    def start(self):
        """Launches and waits until it is ready; the seconds that took."""
        begun = time.monotonic()
        self.launch()
        wait_until(self.ready, START_DEADLINE_S, f"the server to be ready\n{self.log_tail()}")
        return time.monotonic() - begun

    def ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log_tail()}")
        client = Client(self.rest_port, timeout_s=5)
        try:
            return client.call("GET", "/readyz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            client.close()

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """SIGKILL, and waits for the end."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, deadline_s=30):
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(deadline_s)

    def rss_bytes(self):
        return self.status_bytes("VmRSS:")

    def status_bytes(self, name):
        """A field of /proc/PID/status that is given in kB."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().split("\n"):
            if line.startswith(name):
                return int(line.split()[1]) * 1024
        raise AssertionError("the server is gone")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def log_tail(self, lines=30):
        if not self.log_path.exists():
            return ""
        return "\n".join(self.log_path.read_text(errors="replace").split("\n")[-lines:])
