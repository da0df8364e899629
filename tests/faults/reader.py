"""A client that reads all the time, whatever the disk is like."""
import http.client
import random
import threading

from streams import Client
from stuffing import wrong_answers


class Reader:
    """Asks for acknowledged points all the time; `problems` says what was wrong."""

    def __init__(self, port, stuffing, seed):
        self.port, self.stuffing, self.chance = port, stuffing, random.Random(seed)
        self.answers, self.problems = 0, []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        client = Client(self.port)
        try:
            while not self.stopping.wait(0.01) and not self.problems:
                if (point_id := self.stuffing.some_point(self.chance)) is not None:
                    self.problems += wrong_answers(client, self.stuffing, point_id)
                    self.answers += 1
        except (AssertionError, OSError, http.client.HTTPException) as error:
            self.problems.append(f"a read failed: {error!r}")
        finally:
            client.close()

    def stop(self):
        self.stopping.set()
        self.thread.join()
        return self.problems
