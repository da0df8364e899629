"""What must hold after every restart, whatever was going on when the server died."""
import random

from workload import GROUPS, IDS_PER_WRITER, SHARED_IDS, first_id, vector_of

PAGE = 1000


def read_all(client, collection):
    points, offset = {}, None
    while True:
        body = {"limit": PAGE, "with_payload": True, "with_vector": True}
        if offset is not None:
            body["offset"] = offset
        page = client.must("POST", f"/collections/{collection}/points/scroll", body)
        for point in page["points"]:
            if point["id"] in points:
                raise AssertionError(f"{collection}: scroll gave point {point['id']} twice")
            points[point["id"]] = point
        offset = page.get("next_page_offset")
        if offset is None:
            return points


def torn_points(points):
    """Points whose vector and payload do not come from the same write."""
    for point_id, point in sorted(points.items()):
        payload = point["payload"]
        if point["vector"] != vector_of(point_id, payload["salt"]):
            yield f"point {point_id} is torn: its vector is not that of salt {payload['salt']}"
        elif payload["group"] != payload["salt"] % GROUPS or payload["writer"] != payload["salt"] & 255:
            yield f"point {point_id} is torn: its payload is of two writes: {payload['salt']} {payload['group']}"


def held(point):
    return (point["payload"]["salt"], point["payload"].get("note")) if point else None


def lost_writes(model, points, whole_batches):
    """Ids of one writer that are in no possible state. With `whole_batches` (one shard) the pending write must have
    happened to all its ids or to none."""
    own = range(first_id(model.writer), first_id(model.writer) + IDS_PER_WRITER)
    actual = {i: held(points.get(i)) for i in own}
    candidates = model.possible()
    wrong = []
    for i in own:
        wanted = [candidate.get(i) for candidate in candidates]
        if actual[i] not in wanted:
            wrong.append(f"writer {model.writer}, point {i}: found {actual[i]}, acknowledged {wanted}")
    if not wrong and whole_batches and not any(all(actual[i] == c.get(i) for i in own) for c in candidates):
        wrong.append(f"writer {model.writer}: its last request was applied in part: {sorted(model.pending.ids)}")
    if not wrong:
        model.settle(actual)
    return wrong


def unknown_points(models, points):
    known = set(SHARED_IDS)
    for model in models:
        known.update(range(first_id(model.writer), first_id(model.writer) + IDS_PER_WRITER))
    return [f"point {i} was never written" for i in sorted(set(points) - known)]


def disagreements(client, collection, points, chance):
    """Counts, the payload index and the vector index against what scroll gave."""
    base = f"/collections/{collection}/points"
    count = client.must("POST", f"{base}/count", {"exact": True})["count"]
    if count != len(points):
        yield f"{collection}: count says {count}, scroll {len(points)}"
    for group in chance.sample(range(GROUPS), 6):
        wanted = sorted(i for i, point in points.items() if point["payload"]["group"] == group)
        condition = {"must": [{"key": "group", "match": {"value": group}}]}
        found = client.must("POST", f"{base}/scroll", {"limit": PAGE, "filter": condition, "with_payload": False})
        if sorted(point["id"] for point in found["points"]) != wanted:
            yield f"{collection}: the index of group {group} disagrees with the payloads"
        counted = client.must("POST", f"{base}/count", {"exact": True, "filter": condition})["count"]
        if counted != len(wanted):
            yield f"{collection}: count of group {group} says {counted}, payloads {len(wanted)}"
    for point_id in chance.sample(sorted(points), min(8, len(points))):
        query = {"vector": points[point_id]["vector"], "limit": 1, "params": {"hnsw_ef": 128}}
        hits = client.must("POST", f"{base}/search", query)
        # Two points of one vector do not occur: the vector follows from the id.
        if not hits or hits[0]["id"] != point_id or abs(hits[0]["score"]) > 1e-3:
            yield f"{collection}: point {point_id} is not found by its own vector: {hits}"


def findings(client, collection, models, whole_batches, seed):
    points = read_all(client, collection)
    found = [*torn_points(points), *unknown_points(models, points)]
    for model in models:
        found += lost_writes(model, points, whole_batches)
    found += disagreements(client, collection, points, random.Random(f"{seed}/checks"))
    return found, len(points)
