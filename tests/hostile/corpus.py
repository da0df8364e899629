"""The corpus: what a careless or hostile client sends over REST, and as raw bytes to either port.

A case says what may come back. REFUSED: a 4xx. HARMLESS: anything below 500 (some oddities are legal). CLOSED: a 4xx or
a closed connection, for bytes that are no request.
"""
import gzip
import json
import random
from dataclasses import dataclass

REFUSED, HARMLESS, CLOSED = "refused", "harmless", "closed"
COLLECTION = "/collections/hostile"
POINTS = COLLECTION + "/points"
DIMENSION = 8
GOOD = [0.5] * DIMENSION
# Odd, but names like any other.
LEGAL_NAMES = {"%20": " ", "_system": "_system"}


@dataclass
class Case:
    name: str
    wire: bytes
    expect: str = REFUSED
    door: str = "rest"
    # The client stops sending and waits, or hangs up after sending.
    hang_up: bool = False


def http(method, path, body=b"", headers=(), version="HTTP/1.1"):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    lines = [f"{method} {path} {version}", "host: localhost", f"content-length: {len(body)}"]
    lines += ["content-type: application/json", "connection: close", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def nested(opening, closing, depth, inside=b""):
    return opening * depth + inside + closing * depth


JSON_ROUTES = [
    ("PUT", "/collections/other"), ("PATCH", COLLECTION), ("POST", "/collections/aliases"), ("PUT", COLLECTION + "/index"),
    ("PUT", POINTS), ("POST", POINTS), ("POST", POINTS + "/delete"), ("POST", POINTS + "/batch"),
    ("PUT", POINTS + "/vectors"), ("POST", POINTS + "/vectors/delete"), ("POST", POINTS + "/payload"),
    ("PUT", POINTS + "/payload"), ("POST", POINTS + "/payload/delete"), ("POST", POINTS + "/payload/clear"),
    ("POST", POINTS + "/scroll"), ("POST", POINTS + "/count"), ("POST", POINTS + "/search"),
    ("POST", POINTS + "/search/batch"), ("POST", POINTS + "/query"), ("POST", POINTS + "/query/batch"),
]
BROKEN_BODIES = {
    "nothing": b"", "an open brace": b"{", "half a string": b'{"limit": "', "two documents": b"{}{}", "a comma": b'{"a":1,}',
    "not a number": b'{"limit": NaN}', "hexadecimal": b'{"limit": 0x10}', "invalid UTF-8": b'{"a": "\xff\xfe"}',
    "a lone surrogate": b'{"a": "\\ud800"}', "a control character": b'{"a": "\x01"}', "10,000 brackets": b"[" * 10_000,
    "10,000 objects": nested(b'{"a":', b"}", 10_000, b"1"), "a number of 100,000 digits": b'{"limit":' + b"9" * 100_000 + b"}",
    "NULs": b"\0" * 100, "a bare word": b"nul", "the wrong type": b'"text"', "a number": b"42",
}


def broken_bodies():
    for method, path in JSON_ROUTES:
        for name, body in BROKEN_BODIES.items():
            yield Case(f"{method} {path} with {name}", http(method, path, body))


def vectors():
    for name, text in {
        "NaN": "[NaN" + ",0" * 7 + "]", "infinity": "[Infinity" + ",0" * 7 + "]", "1e999": "[1e999" + ",1" * 7 + "]",
        "1e39, infinite as f32": "[1e39" + ",1" * 7 + "]", "too short": "[1]", "too long": "[" + "1," * 8 + "1]", "empty": "[]",
        "zero under cosine": "[0" + ",0" * 7 + "]", "strings": '["1"' + ',"2"' * 7 + "]", "nulls": "[null" + ",null" * 7 + "]",
        "nested": "[[1,2,3,4,5,6,7,8],[1]]", "a number": "7", "null": "null", "text": '"vector"', "an unknown name": '{"nope":[1,2]}',
        "100,000 components": "[" + "1," * 99_999 + "1]", "booleans": "[true" + ",true" * 7 + "]", "an object": '{"": {"": []}}',
    }.items():
        expect = HARMLESS if name == "null" else REFUSED
        yield Case(f"upsert: vector is {name}", http("PUT", POINTS, f'{{"points":[{{"id":9,"vector":{text}}}]}}'.encode()), expect)
        yield Case(f"search: vector is {name}", http("POST", POINTS + "/search", f'{{"vector":{text},"limit":1}}'.encode()),
                   HARMLESS if name == "zero under cosine" else REFUSED)
        yield Case(f"query: vector is {name}", http("POST", POINTS + "/query", f'{{"query":{text},"limit":1}}'.encode()),
                   HARMLESS if name in ("null", "a number", "zero under cosine") else REFUSED)


def ids():
    for name, text in {
        "negative": "-1", "a fraction": "1.5", "2^64": "18446744073709551616", "1e30": "1e30", "no UUID": '"not-a-uuid"',
        "null": "null", "a list": "[]", "an object": "{}", "true": "true", "empty text": '""', "long text": '"' + "a" * 100_000 + '"',
        "a UUID too long": '"550e8400-e29b-41d4-a716-4466554400001"', "a UUID with NUL": '"550e8400-e29b-41d4-a716-44665544000\\u0000"',
    }.items():
        yield Case(f"upsert: id is {name}", http("PUT", POINTS, f'{{"points":[{{"id":{text},"vector":{GOOD}}}]}}'.encode()))
        yield Case(f"retrieve: id is {name}", http("POST", POINTS, f'{{"ids":[{text}]}}'.encode()))
        yield Case(f"delete: id is {name}", http("POST", POINTS + "/delete", f'{{"points":[{text}]}}'.encode()))
        yield Case(f"has_id: id is {name}", http("POST", POINTS + "/count", f'{{"filter":{{"must":[{{"has_id":[{text}]}}]}}}}'.encode()))
    for name in ("-1", "1.5", "18446744073709551616", "%00", "..%2f..%2fetc", "a" * 5000, "%zz", "%"):
        yield Case(f"get point {name[:20]}", http("GET", f"{POINTS}/{name}"))


def numbers():
    huge = {"2^63": 2**63, "2^64-1": 2**64 - 1, "999999999": 999_999_999, "2^32": 2**32}
    wrong = {"-1": "-1", "2^64": str(2**64), "1e30": "1e30", "a half": "0.5", "text": '"10"', "a list": "[1]", "true": "true"}
    requests = {
        "search": (POINTS + "/search", f'{{"vector":{GOOD},"limit":1,"%s":%s}}'), "query": (POINTS + "/query", '{"limit":1,"%s":%s}'),
        "scroll": (POINTS + "/scroll", '{"%s":%s}'),
    }
    for kind, (path, text) in requests.items():
        for field in ("limit", "offset"):
            if kind == "scroll" and field == "offset":
                continue
            body = text.replace('"limit":1,', "") if field == "limit" else text
            for name, value in huge.items():
                yield Case(f"{kind}: {field} {name}", http("POST", path, (body % (field, value)).encode()), HARMLESS)
            for name, value in wrong.items():
                yield Case(f"{kind}: {field} is {name}", http("POST", path, (body % (field, value)).encode()))
    for name, value in {**{k: str(v) for k, v in huge.items()}, **wrong}.items():
        yield Case(f"search: hnsw_ef is {name}", http("POST", POINTS + "/search", f'{{"vector":{GOOD},"limit":1,"params":{{"hnsw_ef":{value}}}}}'.encode()), HARMLESS if name in huge else REFUSED)
    for name in ("abc", "-1", "0", "1e9", "99999999999999999999"):
        yield Case(f"timeout is {name}", http("POST", f"{POINTS}/scroll?timeout={name}", b"{}"))
    yield Case("score_threshold is text", http("POST", POINTS + "/search", f'{{"vector":{GOOD},"limit":1,"score_threshold":"x"}}'.encode()))


def filters():
    def count(filter_json):
        return http("POST", POINTS + "/count", b'{"filter":' + filter_json + b"}")

    match = b'{"key":"k","match":{"value":1}}'
    for depth in (200, 5000):
        yield Case(f"a filter {depth} levels deep", count(nested(b'{"must":[', b"]}", depth, match)))
        yield Case(f"nested {depth} levels deep", count(nested(b'{"must":[{"nested":{"key":"a","filter":', b"}}]}", depth, b'{"must":[]}')))
    yield Case("5,000 conditions", count(b'{"must":[' + b",".join([match] * 5000) + b"]}"), HARMLESS)
    yield Case("200,000 values", count(b'{"must":[{"key":"k","match":{"any":[' + b",".join(b"%d" % i for i in range(200_000)) + b"]}}]}"), HARMLESS)
    for name, text in {
        "an unknown condition": '{"must":[{"key":"k","like":"x"}]}', "no condition": '{"must":[{"key":"k"}]}', "a number": "7",
        "must is a number": '{"must":7}', "a range of text": '{"must":[{"key":"k","range":{"gt":"a"}}]}', "an unknown clause": '{"shall":[]}',
        "a bad date": '{"must":[{"key":"k","range":{"gt":"2026-13-45T99:00:00Z"}}]}', "a negative count": '{"must":[{"key":"k","values_count":{"gt":-1}}]}',
        "nested without a key": '{"must":[{"nested":{"filter":{}}}]}', "nested without a filter": '{"must":[{"nested":{"key":"a"}}]}',
        "match of a list": '{"must":[{"key":"k","match":{"value":[1]}}]}', "match any of a number": '{"must":[{"key":"k","match":{"any":1}}]}',
        "an empty key": '{"must":[{"key":"","match":{"value":1}}]}', "a broken key": '{"must":[{"key":"a[","match":{"value":1}}]}',
        "a key of 100,000 letters": '{"must":[{"key":"' + "a" * 100_000 + '","match":{"value":1}}]}', "is_null of a number": '{"must":[{"is_null":7}]}',
        "has_id of a number": '{"must":[{"has_id":7}]}', "min_should without a count": '{"min_should":{"conditions":[]}}',
        "min_should of -1": '{"min_should":{"conditions":[],"min_count":-1}}', "mixed any": '{"must":[{"key":"k","match":{"any":[1,"a"]}}]}',
        "a huge number": '{"must":[{"key":"k","match":{"value":1e400}}]}',
    }.items():
        yield Case(f"filter: {name}", count(text.encode()), HARMLESS if "letters" in name else REFUSED)
        yield Case(f"delete by filter: {name}", http("POST", POINTS + "/delete", f'{{"filter":{text}}}'.encode()), HARMLESS if "letters" in name else REFUSED)


def collections():
    def create(text, name="other"):
        return http("PUT", f"/collections/{name}", text.encode())

    for name, size in {"0": "0", "-1": "-1", "65,537": "65537", "2^63": str(2**63), "2^64": str(2**64), "text": '"8"', "a half": "1.5"}.items():
        yield Case(f"create: dimension {name}", create(f'{{"vectors":{{"size":{size},"distance":"Cosine"}}}}'))
    for name, extra in {
        "0 shards": '"shard_number":0', "2^32 shards": f'"shard_number":{2**32}', "a million shards": '"shard_number":1000000', "-1 shards": '"shard_number":-1',
        "m of -1": '"hnsw_config":{"m":-1}', "ef_construct of 0": '"hnsw_config":{"ef_construct":0}', "0 replicas": '"replication_factor":0',
        "deleted_threshold of 7": '"optimizers_config":{"deleted_threshold":7}', "hnsw_config as text": '"hnsw_config":"fast"', "metadata as text": '"metadata":"x"',
    }.items():
        yield Case(f"create: {name}", create('{"vectors":{"size":4,"distance":"Dot"},' + extra + "}"))
    for text in ('{"vectors":{"size":4}}', '{"vectors":{"distance":"Dot"}}', '{"vectors":{"size":4,"distance":"Hamming"}}', '{"vectors":7}',
                 '{"vectors":{"size":4,"distance":"Dot","datatype":"int3"}}', '{"vectors":{"a":7}}', '{"vectors":[]}',
                 '{"vectors":{"' + "n" * 5000 + '":{"size":4,"distance":"Dot"}}}'):
        yield Case(f"create: {text[:60]}", create(text))
    good = '{"vectors":{"size":4,"distance":"Dot"}}'
    for name in ("..", ".", "%2e%2e", "a%2fb", "%00", "a%00b", "x" * 300, "%20", "a%0ab", "a%5cb", "_system", "%ff", "a%3cb%3e", "%c3%28"):
        expect = HARMLESS if name in ("..", ".", "%2e%2e", *LEGAL_NAMES) else REFUSED
        yield Case(f"create a collection named {name[:20]}", create(good, name), expect)
    for name in ("none", "%2e%2e%2f%2e%2e%2fetc%2fpasswd"):
        for method, path in (("GET", ""), ("POST", "/points/search"), ("PUT", "/points"), ("POST", "/points/scroll"), ("GET", "/points/1")):
            yield Case(f"{method} of a collection that is not there: {name}{path}", http(method, f"/collections/{name}{path}", {"vector": GOOD, "limit": 1, "points": [{"id": 1, "vector": GOOD}]} if method != "GET" else b""))
    for actions in ([{"create_alias": {}}], [{"create_alias": {"alias_name": "a", "collection_name": "none"}}], [{"nope": 1}], 7,
                    [{"rename_alias": {"old_alias_name": "none", "new_alias_name": "x"}}], [{"create_alias": {"alias_name": "hostile", "collection_name": "hostile"}}]):
        yield Case(f"aliases: {json.dumps(actions)[:60]}", http("POST", "/collections/aliases", {"actions": actions}))
    for schema in ('"nope"', "7", '{"type":"nope"}', '{"type":7}', "[]"):
        yield Case(f"index of type {schema}", http("PUT", COLLECTION + "/index", f'{{"field_name":"z","field_schema":{schema}}}'.encode()))


def payloads():
    def upsert(payload):
        return http("PUT", POINTS, b'{"points":[{"id":77,"vector":%s,"payload":%s}]}' % (json.dumps(GOOD).encode(), payload))

    yield Case("payload as a list", upsert(b"[1]"))
    yield Case("payload as text", upsert(b'"x"'))
    for depth in (200, 1000, 10_000):
        yield Case(f"payload {depth} levels deep", upsert(nested(b'{"a":', b"}", depth, b"1")))
        yield Case(f"payload of {depth} brackets", upsert(b'{"a":' + nested(b"[", b"]", depth) + b"}"))
    yield Case("payload of 2 MB", upsert(b'{"a":"' + b"x" * 2_000_000 + b'"}'))
    yield Case("one id twice in a batch", http("PUT", POINTS, {"points": [{"id": 5, "vector": GOOD}] * 2}), HARMLESS)
    yield Case("a batch of which one is wrong", http("PUT", POINTS, {"points": [{"id": 50_001, "vector": GOOD}, {"id": 50_002, "vector": [1]}]}))
    yield Case("ids and vectors of different lengths", http("PUT", POINTS, {"batch": {"ids": [1, 2], "vectors": [GOOD]}}))
    yield Case("neither points nor batch", http("PUT", POINTS, {}))
    yield Case("a batch of unknown operations", http("POST", POINTS + "/batch", {"operations": [{"explode": {}}]}))
    yield Case("set payload of nobody", http("POST", POINTS + "/payload", {"payload": {"a": 1}}))
    yield Case("set payload under a broken key", http("POST", POINTS + "/payload", {"payload": {"a": 1}, "points": [1], "key": "a["}))
    yield Case("100,000 ids to retrieve", http("POST", POINTS, {"ids": list(range(100_000))}), HARMLESS)
    yield Case("33 MB", http("PUT", POINTS, b'{"points":"' + b"x" * 33_000_000 + b'"}'), CLOSED)


def routes():
    for path in ("/nope", "//", "/collections/hostile/nope", "/collections//points", "/collections/hostile/points/1/2/3", "/%", "/%zz", "/\\..\\",
                 "/../../etc/passwd", "/collections/hostile/points/search/../../x", "/collections/hostile?" + "a=b&" * 5000, "/;", "/collections/%"):
        yield Case(f"GET {path[:40]}", http("GET", path), HARMLESS if "?" in path or path == "//" else REFUSED)
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        for path in ("/healthz", "/metrics", "/telemetry", "/cluster", POINTS + "/1", "/aliases"):
            yield Case(f"{method} {path}", http(method, path, b"{}"))
    for method in ("DELETE", "PATCH"):
        yield Case(f"{method} {POINTS}/search", http(method, POINTS + "/search", b"{}"))
    for method in ("TRACE", "CONNECT", "OPTIONS", "PROPFIND", "get", "X" * 1000, "G\x01T"):
        yield Case(f"method {method[:10]!r}", http(method, "/collections"), HARMLESS if method == "OPTIONS" else CLOSED)


def raw_requests():
    get = b"GET /healthz HTTP/1.1\r\nhost: x\r\n"
    put = b"PUT " + POINTS.encode() + b" HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    bomb = gzip.compress(b'{"points":"' + b"\0" * 200_000_000 + b'"}', 6)
    cases = {
        "HTTP/9.9": b"GET / HTTP/9.9\r\n\r\n", "no version": b"GET /\r\n\r\n", "spaces only": b"   \r\n\r\n", "newlines": b"\r\n" * 1000,
        "a header of 1 MB": get + b"x: " + b"a" * 1_000_000 + b"\r\n\r\n", "10,000 headers": get + b"a: b\r\n" * 10_000 + b"\r\n",
        "a header without a colon": get + b"nonsense\r\n\r\n", "a NUL in a header": get + b"a: \0\r\n\r\n", "a folded header": get + b"a: b\r\n c\r\n\r\n",
        "a space before the colon": get + b"a : b\r\n\r\n", "a path of 100,000 letters": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
        "content-length -1": put + b"content-length: -1\r\n\r\n{}", "content-length text": put + b"content-length: abc\r\n\r\n{}",
        "content-length 2^64": put + b"content-length: 18446744073709551616\r\n\r\n{}", "content-length 1 TB": put + b"content-length: 1000000000000\r\n\r\n{}",
        "two lengths": put + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{}", "length and chunks": put + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "an unknown transfer encoding": put + b"transfer-encoding: nope\r\n\r\n{}", "a chunk of 2^64": put + b"transfer-encoding: chunked\r\n\r\n10000000000000000\r\n",
        "a chunk of -1": put + b"transfer-encoding: chunked\r\n\r\n-1\r\n{}", "a chunk of text": put + b"transfer-encoding: chunked\r\n\r\nzz\r\n{}",
        "a gzip bomb": put + b"content-encoding: gzip\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(bomb) + bomb,
        "broken gzip": put + b"content-encoding: gzip\r\nconnection: close\r\ncontent-length: 10\r\n\r\n" + b"\x1f\x8b" + b"x" * 8,
        "half a gzip": put + b"content-encoding: gzip\r\nconnection: close\r\ncontent-length: 20\r\n\r\n" + gzip.compress(b"{}" * 50)[:20],
        "an unknown encoding": put + b"content-encoding: rot13\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}",
        "TLS": bytes.fromhex("160301020001000001fc0303") + b"\x55" * 500, "an HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0" * 100,
        "SSH": b"SSH-2.0-OpenSSH_9.2\r\n", "Redis": b"*1\r\n$4\r\nPING\r\n", "expect of 1 TB": put + b"expect: 100-continue\r\ncontent-length: 1000000000000\r\n\r\n",
    }
    for name, wire in cases.items():
        harmless = name in ("a folded header", "newlines", "10,000 headers", "length and chunks")
        yield Case(f"raw: {name}", wire, HARMLESS if harmless else CLOSED, hang_up=name in ("newlines", "SSH", "Redis"))
    for name, wire in {"half a request line": b"GET /hea", "half a header": get + b"a", "half a body": put + b"content-length: 1000\r\n\r\n{",
                       "half a chunk": put + b"transfer-encoding: chunked\r\n\r\n5\r\n{", "nothing": b""}.items():
        yield Case(f"raw: {name}, then hangs up", wire, CLOSED, hang_up=True)
    chance = random.Random(22)
    for i in range(40):
        yield Case(f"random bytes {i}", chance.randbytes(chance.randint(1, 4000)), CLOSED, hang_up=True)
    whole = http("PUT", POINTS, {"points": [{"id": 3, "vector": GOOD, "payload": {"a": [1, {"b": None}]}}]})
    for i in range(60):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        yield Case(f"a request with flipped bytes {i}", bytes(broken), HARMLESS, hang_up=True)


def grpc_bytes():
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    chance = random.Random(23)
    for name, wire in {
        "an HTTP/1 request": b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", "the preface alone": preface, "an oversized frame": preface + b"\xff\xff\xff\x00\x00\x00\x00\x00\x01",
        "settings of odd length": preface + b"\0\0\5\4\0\0\0\0\0abcde", "headers on stream 0": preface + b"\0\0\1\1\4\0\0\0\0\x82",
        "data on an idle stream": preface + b"\0\0\0\4\0\0\0\0\0" + b"\0\0\1\0\1\0\0\0\1x", "broken HPACK": preface + b"\0\0\0\4\0\0\0\0\0" + b"\0\0\4\1\5\0\0\0\1\xff\xff\xff\xff",
        "a window update of 0": preface + b"\0\0\4\x08\0\0\0\0\0\0\0\0\0", "a flood of pings": preface + b"\0\0\0\4\0\0\0\0\0" + b"\0\0\x08\6\0\0\0\0\0abcdefgh" * 5000,
        "a flood of resets": preface + b"\0\0\0\4\0\0\0\0\0" + b"".join(b"\0\0\1\1\5" + (2 * i + 1).to_bytes(4, "big") + b"\x82\0\0\4\3" + (2 * i + 1).to_bytes(4, "big") + b"\0\0\0\x08" for i in range(3000)),
        "a flood of settings": preface + b"\0\0\0\4\0\0\0\0\0" * 5000, "TLS": bytes.fromhex("160301020001000001fc0303") + b"\x55" * 500, "nothing": b"",
    }.items():
        yield Case(f"gRPC: {name}", wire, CLOSED, "grpc", hang_up=True)
    for i in range(20):
        yield Case(f"gRPC: random frames {i}", preface + b"\0\0\0\4\0\0\0\0\0" + chance.randbytes(2000), CLOSED, "grpc", hang_up=True)


def corpus():
    return [*broken_bodies(), *vectors(), *ids(), *numbers(), *filters(), *collections(), *payloads(), *routes(), *raw_requests(), *grpc_bytes()]
