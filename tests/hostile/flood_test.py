"""Thousands of idle and slow connections: searches still answer, new connections are accepted once they end, and a cap
on connections holds without wedging the server."""
import argparse
import http.client
import resource
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from lineal_server import Client, ServerProcess, wait_until  # noqa: E402

DIMENSION = 32
POINTS = "/collections/flood/points"
SPARE_DESCRIPTORS = 300


def raise_descriptor_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def connect(port, opening):
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(opening)
    return connection


def prepare(client):
    client.must("PUT", "/collections/flood", {"vectors": {"size": DIMENSION, "distance": "Euclid"}})
    points = [{"id": i, "vector": [float((i * j) % 17) for j in range(DIMENSION)]} for i in range(1, 1001)]
    client.must("PUT", POINTS + "?wait=true", {"points": points})


def searches(port, count, fresh):
    """Milliseconds of each search, on a connection of its own or on one."""
    times, client = [], Client(port)
    for i in range(count):
        begun = time.monotonic()
        if fresh:
            client = Client(port)
        hits = client.must("POST", POINTS + "/search", {"vector": [float((i * j) % 17) for j in range(DIMENSION)], "limit": 10})
        assert len(hits) == 10
        times.append((time.monotonic() - begun) * 1000)
        if fresh:
            client.close()
    return sorted(times)


def p99(times):
    return times[int(len(times) * 0.99)]


def accepts(port):
    try:
        client = Client(port, timeout_s=1)
        return client.call("GET", "/healthz")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def flood(arguments, folder):
    flags = ["--log-level", "error", "--connections-max", str(arguments.connections + 100), "--header-timeout-ms", "120000", "--idle-timeout-ms", "120000"]
    server = ServerProcess(arguments.server, Path(folder) / "flood", flags)
    server.start()
    try:
        prepare(Client(server.rest_port))
        quiet = p99(searches(server.rest_port, 200, fresh=False))
        held = []
        for i in range(arguments.connections):
            # Every fifth at the gRPC door; of the others half say nothing and half begin a request and stop.
            if i % 5 == 0:
                held.append(connect(server.grpc_port, b"PRI * HTTP/2.0\r\n\r\n" if i % 2 else b""))
            else:
                held.append(connect(server.rest_port, b"POST /collections/flood/points/search HTTP/1.1\r\nhost: x\r\n" if i % 2 else b""))
        for connection in held[1::4]:
            try:
                connection.sendall(b"x")  # One byte more, as a slow client sends them.
            except OSError:
                pass
        kept = p99(searches(server.rest_port, 200, fresh=False))
        fresh = p99(searches(server.rest_port, 100, fresh=True))
        for connection in held:
            connection.close()
        begun = time.monotonic()
        wait_until(lambda: accepts(server.rest_port), 5, "a new connection")
        again = time.monotonic() - begun
        print(f"{len(held)} connections: search p99 {quiet:.1f} ms before, {kept:.1f} ms during, {fresh:.1f} ms on new connections; "
              f"accepted {again * 1000:.0f} ms after they ended")
        problems = []
        if kept > max(2 * quiet, 100):
            problems.append("searches became slow")
        if again > 1:
            problems.append("new connections had to wait")
        wait_until(lambda: server.descriptors() < SPARE_DESCRIPTORS, 15, "the descriptors to be given back", pause_s=0.1)
        if server.stop() != 0:
            problems.append("the server did not stop cleanly")
        return problems
    finally:
        if server.alive():
            server.kill()


def over_the_cap(arguments, folder):
    """Five times the connections that are allowed: the rest is closed at once, and the server recovers."""
    server = ServerProcess(arguments.server, Path(folder) / "cap", ["--log-level", "error", "--connections-max", "100"])
    server.start()
    try:
        prepare(Client(server.rest_port))
        held = []
        for port in (server.rest_port, server.grpc_port):
            for _ in range(500):
                held.append(socket.create_connection(("127.0.0.1", port), timeout=10))
        wait_until(lambda: server.descriptors() < 100 + 100 + SPARE_DESCRIPTORS, 10, "the cap to hold", pause_s=0.1)
        for connection in held:
            connection.close()
        begun = time.monotonic()
        wait_until(lambda: accepts(server.rest_port), 5, "a new connection")
        again = time.monotonic() - begun
        print(f"1000 connections at a cap of 100 per door: accepted again after {again * 1000:.0f} ms")
        return ["new connections had to wait after the cap was hit"] if again > 1 else []
    finally:
        server.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="the program lineal")
    parser.add_argument("--connections", type=int, default=5000)
    arguments = parser.parse_args()
    limit = raise_descriptor_limit()
    if limit < arguments.connections + 2 * SPARE_DESCRIPTORS:
        print(f"only {limit} descriptors are allowed here: fewer connections")
        arguments.connections = limit - 2 * SPARE_DESCRIPTORS
    folder = tempfile.mkdtemp(prefix="lineal-flood-")
    try:
        problems = flood(arguments, folder) + over_the_cap(arguments, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
