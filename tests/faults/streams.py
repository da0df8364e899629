"""Writers that go on until they are refused, and what a refusal has to look like."""
import http.client
import sys
import threading
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "support"), str(TESTS / "crash")]
from lineal_server import Client  # noqa: E402


def refusal_problem(status, answer, allowed):
    """Why this is no proper refusal, or nothing. `allowed` is {status: how its text begins}."""
    if status not in allowed:
        return f"status {status} where one of {sorted(allowed)} belongs: {answer}"
    try:
        text = answer["status"]["error"]
    except (TypeError, KeyError):
        return f"status {status} without the envelope of an error: {answer}"
    if not text.startswith(allowed[status]) or "time" not in answer:
        return f"status {status} does not begin with `{allowed[status]}`: {answer}"
    return None


class Stream:
    """Sends a WriterModel's stream until a request is refused, `requests` are done, stop() or the server's end. The
    refused request stays pending in the model: it may have happened."""

    def __init__(self, model, collection, port, requests=None, go_on=None):
        self.model, self.collection, self.port, self.requests = model, collection, port, requests
        self.go_on = go_on or (lambda: True)
        self.refusal = None
        self.gone = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        client = Client(self.port)
        try:
            while self.requests != 0 and self.go_on():
                method, path, body = self.model.begin().request(self.collection)
                status, answer = client.call(method, path, body)
                if status != 200:
                    self.refusal = (status, answer)
                    return
                self.model.confirm()
                if self.requests is not None:
                    self.requests -= 1
        except (OSError, http.client.HTTPException):
            self.gone = True
        finally:
            client.close()


def seal(client, collection, number):
    """Any change of its schema closes a collection's growing segments: (status, answer). Then there is work behind."""
    change = {"optimizers_config": {"deleted_threshold": 0.2 + number % 100 / 1000}}
    return client.call("PATCH", f"/collections/{collection}", change)


def run_streams(streams):
    for stream in streams:
        stream.thread.join()
    return [stream for stream in streams if stream.refusal]
