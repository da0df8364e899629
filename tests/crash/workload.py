"""What the writers write, as a function of a seed, so that anyone can say what the n-th write of a writer was.

Every writer owns a range of ids; its writes take effect one after another. A point's vector follows from its id and the
salt in its payload: a point whose vector and payload come from different writes does not fit together.
"""
import random

DIMENSION = 16
GROUPS = 64
IDS_PER_WRITER = 500
# Written by all writers at once; who wins is open, but never a mixture of two.
SHARED_IDS = range(1, 41)
PAD_BYTES_MAX = 2000


def vector_of(point_id, salt):
    """Small whole numbers: they come back from any storage of floats exactly."""
    state = (point_id * 0x9E3779B97F4A7C15 + salt * 0xD1B54A32D192ED03 + 1) & (2**64 - 1)
    values = []
    for _ in range(DIMENSION):
        state = (state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
        values.append(float((state >> 33) % 509 - 254))
    return values


def group_of(salt):
    return salt % GROUPS


def first_id(writer):
    return 1000 + writer * IDS_PER_WRITER


def payload_of(writer, salt, pad):
    return {"writer": writer, "salt": salt, "group": group_of(salt), "pad": "x" * pad}


def point_of(point_id, writer, salt, pad):
    return {"id": point_id, "vector": vector_of(point_id, salt), "payload": payload_of(writer, salt, pad)}


class Operation:
    """The n-th write of a writer: a request, and what it does to the state of the writer's ids."""

    def __init__(self, seed, writer, number):
        chance = random.Random(f"{seed}/{writer}/{number}")
        self.writer, self.number = writer, number
        # Never the same for two writes of any writer.
        self.salt = (number << 8) | writer
        own = range(first_id(writer), first_id(writer) + IDS_PER_WRITER)
        draw = chance.random()
        self.ids = chance.sample(own, chance.randint(1, 16))
        self.pad = chance.randint(0, PAD_BYTES_MAX) if chance.random() < 0.3 else 0
        self.group = chance.randrange(GROUPS)
        if draw < 0.62:
            self.kind = "upsert"
        elif draw < 0.72:
            self.kind = "delete"
        elif draw < 0.86:
            self.kind = "note"
        elif draw < 0.93:
            self.kind = "delete_group"
        else:
            self.kind, self.ids = "shared", sorted(chance.sample(list(SHARED_IDS), 4))

    def request(self, collection):
        """(method, path, body)"""
        base = f"/collections/{collection}/points"
        if self.kind in ("upsert", "shared"):
            points = [point_of(i, self.writer, self.salt, self.pad) for i in self.ids]
            return "PUT", f"{base}?wait=true", {"points": points}
        if self.kind == "delete":
            return "POST", f"{base}/delete?wait=true", {"points": self.ids}
        if self.kind == "note":
            # By filter: named ids that are not there would be an error.
            return "POST", f"{base}/payload?wait=true", {"payload": {"note": self.salt}, "filter": {"must": [{"has_id": self.ids}]}}
        conditions = [{"key": "writer", "match": {"value": self.writer}}, {"key": "group", "match": {"value": self.group}}]
        # Shared ids carry a writer too: has_id keeps them out.
        outside = [{"has_id": list(SHARED_IDS)}]
        return "POST", f"{base}/delete?wait=true", {"filter": {"must": conditions, "must_not": outside}}

    def apply(self, state):
        """The states of the touched ids afterwards: {id: (salt, note)}, None for no point."""
        if self.kind == "upsert":
            return {i: (self.salt, None) for i in self.ids}
        if self.kind == "delete":
            return {i: None for i in self.ids}
        if self.kind == "note":
            return {i: (state[i][0], self.salt) for i in self.ids if state.get(i)}
        if self.kind == "delete_group":
            return {i: None for i, held in state.items() if held and group_of(held[0]) == self.group}
        return {}


class WriterModel:
    """What is known of one writer's ids: the state after its acknowledged writes, and one write that may have
    happened."""

    def __init__(self, seed, writer):
        self.seed, self.writer = seed, writer
        self.next_number = 0
        self.state = {}
        self.pending = None
        self.acknowledged = self.points_acknowledged = 0

    def begin(self):
        """The next write; it counts as possible from now on."""
        self.pending = Operation(self.seed, self.writer, self.next_number)
        self.next_number += 1
        return self.pending

    def confirm(self):
        self.state.update(self.pending.apply(self.state))
        self.acknowledged += 1
        self.points_acknowledged += len(self.pending.ids)
        self.pending = None

    def possible(self):
        """[state before the pending write, state after it], or one state when nothing is pending."""
        if self.pending is None:
            return [self.state]
        return [self.state, {**self.state, **self.pending.apply(self.state)}]

    def settle(self, actual):
        """Takes what was found after a restart as what is."""
        self.state = {i: held for i, held in actual.items() if held}
        self.pending = None
