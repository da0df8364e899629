"""Sends the corpus to a real server: none ends it, each is refused quickly, nothing changes and nothing leaks."""
import argparse
import os
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from lineal_server import Client, ServerProcess  # noqa: E402
from corpus import CLOSED, DIMENSION, HARMLESS, LEGAL_NAMES, POINTS, REFUSED, corpus  # noqa: E402

ANSWER_DEADLINE_S = 5
REFUSAL_CPU_S = 0.1
CANARIES = 50


def canary(i):
    return [float((i * 7 + j * 3) % 11 + 1) for j in range(DIMENSION)]


def prepare(client):
    client.must("PUT", "/collections/hostile", {"vectors": {"size": DIMENSION, "distance": "Cosine"}})
    client.must("PUT", POINTS + "?wait=true", {"points": [{"id": 1000 + i, "vector": canary(i), "payload": {"k": i}} for i in range(CANARIES)]})


def state_of(client):
    """What no refused request may change: the canaries and the list of collections."""
    points = client.must("POST", POINTS, {"ids": list(range(1000, 1000 + CANARIES)), "with_payload": True, "with_vector": True})
    refused = client.must("POST", POINTS, {"ids": [9, 77, 50_001, 50_002]})
    names = {entry["name"] for entry in client.must("GET", "/collections")["collections"]}
    return points, refused, names - set(LEGAL_NAMES.values())


def send(case, port):
    """The first line of the answer; empty when the connection was closed without one. None when nothing came."""
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_DEADLINE_S) as connection:
        try:
            connection.sendall(case.wire)
            if case.hang_up:
                connection.shutdown(socket.SHUT_WR)
        except (ConnectionError, socket.timeout):
            pass  # Refused before all was sent: the answer may still be there.
        answer = b""
        try:
            while b"\r\n" not in answer and len(answer) < 65536:
                piece = connection.recv(65536)
                if not piece:
                    break
                answer += piece
        except ConnectionError:
            pass
        except socket.timeout:
            return None
        return answer.split(b"\r\n")[0]


def judge(case, line):
    """Why the answer is wrong, or nothing."""
    if line is None:
        return f"no answer within {ANSWER_DEADLINE_S} s"
    if case.door == "grpc":
        return None
    if not line.startswith(b"HTTP/"):
        return None if case.expect == CLOSED or (case.expect == HARMLESS and case.hang_up) else f"closed without an answer: {line!r}"
    status = int(line.split()[1])
    if case.expect == HARMLESS and status < 500:
        return None
    if 400 <= status < 500:
        return None
    return f"answered {status}, expected {'below 500' if case.expect == HARMLESS else '4xx'}"


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def attack(server, cases):
    problems = []
    for case in cases:
        before = cpu_seconds(server.process.pid)
        begun = time.monotonic()
        try:
            problem = judge(case, send(case, server.grpc_port if case.door == "grpc" else server.rest_port))
        except OSError as error:
            problem = f"no connection: {error}"
        if not server.alive():
            return problems + [f"{case.name}: the server ended with {server.process.returncode}\n{server.log_tail()}"]
        spent = cpu_seconds(server.process.pid) - before
        if problem is None and spent > REFUSAL_CPU_S + 0.02 and case.expect == REFUSED:
            problem = f"took {spent:.2f} s of processor time ({time.monotonic() - begun:.2f} s)"
        if problem:
            problems.append(f"{case.name}: {problem}")
    return problems


def run(arguments, folder):
    server = ServerProcess(arguments.server, Path(folder) / "data", ["--log-level", "error", "--header-timeout-ms", "2000", "--idle-timeout-ms", "3000"])
    server.start()
    try:
        client = Client(server.rest_port)
        prepare(client)
        cases = corpus()
        warm_up = cases[:: max(len(cases) // 60, 1)]
        attack(server, warm_up)
        before, rss_before, descriptors_before = state_of(Client(server.rest_port)), server.rss_bytes(), server.descriptors()
        problems = []
        for _ in range(arguments.rounds):
            problems += attack(server, cases)
        if not server.alive():
            return problems
        if state_of(Client(server.rest_port)) != before:
            problems.append("a refused request changed the data")
        grown = server.rss_bytes() - rss_before
        if grown > arguments.growth_mib << 20:
            problems.append(f"memory grew by {grown >> 20} MiB, more than {arguments.growth_mib}")
        print(f"{len(cases)} cases x {arguments.rounds}: memory grew by {grown / 2**20:.1f} MiB, "
              f"descriptors from {descriptors_before} to {server.descriptors()}")
        if (status := server.stop()) != 0:
            problems.append(f"the server ended with {status} on SIGTERM")
        return problems
    finally:
        if server.alive():
            server.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="the program lineal")
    parser.add_argument("--rounds", type=int, default=1, help="how often the whole corpus is sent")
    parser.add_argument("--growth-mib", type=int, default=64, help="by how much memory may grow")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="lineal-hostile-")
    try:
        problems = run(arguments, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(problems))
    print(f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
