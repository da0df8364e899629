"""The crash test's oracle can fail: it is shown lost, surplus, torn and half-applied writes."""
import unittest

import verify
from workload import IDS_PER_WRITER, Operation, WriterModel, first_id, point_of


def points_of(state, writer=0):
    points = {}
    for i, value in state.items():
        if value:
            points[i] = point_of(i, writer, value[0], 0)
            if value[1] is not None:
                points[i]["payload"]["note"] = value[1]
    return points


def model_after(writes):
    model = WriterModel("s", 0)
    for _ in range(writes):
        model.begin()
        model.confirm()
    return model


class Oracle(unittest.TestCase):
    def test_accepts_what_was_acknowledged(self):
        model = model_after(200)
        self.assertGreater(len(points_of(model.state)), 50)
        self.assertEqual(verify.lost_writes(model, points_of(model.state), True), [])

    def test_finds_a_lost_point_a_stale_point_and_one_that_came_back(self):
        model = model_after(200)
        some = next(i for i, value in sorted(model.state.items()) if value)
        gone = next(i for i in range(first_id(0), first_id(0) + IDS_PER_WRITER) if not model.state.get(i))
        for change in ({some: None}, {some: (256, None)}, {gone: (256, None)}):
            self.assertEqual(len(verify.lost_writes(model, points_of({**model.state, **change}), True)), 1)

    def test_accepts_the_pending_write_whole_or_not_at_all_but_not_in_part(self):
        model = model_after(50)
        while model.begin().kind != "upsert" or len(model.pending.ids) < 2:
            model.confirm()
        before, after = model.possible()
        half = {**before, model.pending.ids[0]: after[model.pending.ids[0]]}
        self.assertEqual(len(verify.lost_writes(model, points_of(half), True)), 1)
        for state in (before, after):
            again = WriterModel("s", 0)
            again.state, again.pending = before, model.pending
            self.assertEqual(verify.lost_writes(again, points_of(state), True), [])
        self.assertEqual(verify.lost_writes(model, points_of(half), False), [])

    def test_finds_torn_points(self):
        point = point_of(1000, 0, 256, 0)
        other = point_of(1000, 0, 512, 0)
        self.assertEqual(list(verify.torn_points({1000: point})), [])
        mixed = {**point, "payload": other["payload"]}
        self.assertEqual(len(list(verify.torn_points({1000: mixed}))), 1)
        patched = {**point, "payload": {**point["payload"], "group": 5}}
        self.assertEqual(len(list(verify.torn_points({1000: patched}))), 1)

    def test_the_stream_of_a_writer_is_the_same_every_time(self):
        first, again = Operation("s", 3, 17), Operation("s", 3, 17)
        self.assertEqual(first.request("c"), again.request("c"))
        kinds = {Operation("s", 0, n).kind for n in range(200)}
        self.assertEqual(kinds, {"upsert", "delete", "note", "delete_group", "shared"})


if __name__ == "__main__":
    unittest.main()
