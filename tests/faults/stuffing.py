"""What fills the disk: batches of points with long payloads into a collection of one shard, each batch written once and
whole or not at all. A point follows from its id."""
import http.client
import random
import threading

from streams import Client

DIMENSION = 128
BATCH = 16
BALLAST_BYTES = 24 << 10
PAGE = 256


def vector_of(point_id):
    chance = random.Random(point_id)
    return [float(chance.randrange(-100, 101)) for _ in range(DIMENSION)]


def payload_of(point_id):
    mark = f"{point_id}."
    return {"number": point_id, "ballast": mark * (BALLAST_BYTES // len(mark))}


def ids_of(batch):
    return range(batch * BATCH + 1, (batch + 1) * BATCH + 1)


class Stuffing:
    def __init__(self, collection):
        self.collection, self.base = collection, f"/collections/{collection}/points"
        self.mutex = threading.Lock()
        self.next_batch = 0
        self.acknowledged, self.deleted, self.refused = set(), set(), {}
        self.gone = []

    def create(self, client):
        client.must("PUT", f"/collections/{self.collection}", {
            "vectors": {"size": DIMENSION, "distance": "Euclid"}, "optimizers_config": {"indexing_threshold": 20}})

    def write(self, client):
        """One more batch: (status, answer)."""
        with self.mutex:
            batch = self.next_batch
            self.next_batch += 1
        points = [{"id": i, "vector": vector_of(i), "payload": payload_of(i)} for i in ids_of(batch)]
        status, answer = client.call("PUT", f"{self.base}?wait=true", {"points": points})
        with self.mutex:
            if status == 200:
                self.acknowledged.add(batch)
            else:
                self.refused[batch] = (status, answer)
        return status, answer

    def fill(self, port, connections):
        """Writes until each connection was refused once."""
        threads = [threading.Thread(target=self.fill_one, args=(port,), daemon=True) for _ in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def fill_one(self, port):
        client = Client(port)
        try:
            while self.write(client)[0] == 200:
                pass
        except (OSError, http.client.HTTPException) as error:
            self.gone.append(repr(error))
        finally:
            client.close()

    def delete(self, client, batch):
        """(status, answer). An acknowledged batch is gone from now on."""
        status, answer = client.call("POST", f"{self.base}/delete?wait=true", {"points": list(ids_of(batch))})
        if status == 200:
            with self.mutex:
                self.acknowledged.discard(batch)
                self.deleted.add(batch)
        return status, answer

    def some_point(self, chance):
        """An acknowledged point, or nothing."""
        with self.mutex:
            if not self.acknowledged:
                return None
            return chance.choice(ids_of(chance.choice(sorted(self.acknowledged))))


def wrong_answers(client, stuffing, point_id):
    """What a search, a retrieve and a count say of a point that is there."""
    query = {"vector": vector_of(point_id), "limit": 1, "params": {"hnsw_ef": 128}}
    hits = client.must("POST", f"{stuffing.base}/search", query)
    if not hits or hits[0]["id"] != point_id or abs(hits[0]["score"]) > 1e-3:
        yield f"{stuffing.collection}: point {point_id} is not found by its own vector: {hits}"
    found = client.must("POST", stuffing.base, {"ids": [point_id], "with_payload": True, "with_vector": True})
    if [held_problem(point) for point in found] != [None]:
        yield f"{stuffing.collection}: retrieve of point {point_id} gives {str(found)[:200]}"
    here = {"exact": True, "filter": {"must": [{"has_id": [point_id]}]}}
    if (count := client.must("POST", f"{stuffing.base}/count", here)["count"]) != 1:
        yield f"{stuffing.collection}: count of point {point_id} says {count}"


def held_problem(point):
    if point["vector"] != vector_of(point["id"]):
        return f"point {point['id']} has another vector"
    if point["payload"] != payload_of(point["id"]):
        return f"point {point['id']} has another payload: {str(point['payload'])[:100]}"
    return None


def read_all(client, stuffing):
    """({id}, problems of single points)"""
    ids, problems, offset = set(), [], None
    while True:
        body = {"limit": PAGE, "with_payload": True, "with_vector": True}
        if offset is not None:
            body["offset"] = offset
        page = client.must("POST", f"{stuffing.base}/scroll", body)
        problems += filter(None, map(held_problem, page["points"]))
        ids.update(point["id"] for point in page["points"])
        if (offset := page.get("next_page_offset")) is None:
            return ids, problems


def judge(stuffing, ids):
    """Batches against the ids that are there: acknowledged ones whole, deleted ones gone, refused ones not in part."""
    for batch in range(stuffing.next_batch):
        there = sum(i in ids for i in ids_of(batch))
        if batch in stuffing.acknowledged and there != BATCH:
            yield f"{stuffing.collection}: batch {batch} was acknowledged, {BATCH - there} of {BATCH} points are lost"
        elif batch in stuffing.deleted and there != 0:
            yield f"{stuffing.collection}: batch {batch} was deleted, {there} of {BATCH} points are back"
        elif there not in (0, BATCH):
            yield f"{stuffing.collection}: batch {batch} was refused and is there in part: {there} of {BATCH} points"
    known = stuffing.next_batch * BATCH
    for i in sorted(ids):
        if not 1 <= i <= known:
            yield f"{stuffing.collection}: point {i} was never written"


def findings(client, stuffing, chance):
    ids, found = read_all(client, stuffing)
    found += judge(stuffing, ids)
    count = client.must("POST", f"{stuffing.base}/count", {"exact": True})["count"]
    if count != len(ids):
        found.append(f"{stuffing.collection}: count says {count}, scroll {len(ids)}")
    for _ in range(8):
        if (point_id := stuffing.some_point(chance)) is not None:
            found += wrong_answers(client, stuffing, point_id)
    return found
