#include <atomic>
#include <cmath>
#include <map>
#include <set>

#include "base/executor.h"
#include "base/random.h"
#include "engine/database/database_fixture.h"
#include "gtest/gtest.h"

namespace lineal::engine {
namespace {

constexpr uint64_t kIds = 40;
using State = std::map<uint64_t, float>;  // points by their one component

class Revisions : public ::testing::Test, protected DatabaseFixture {
 protected:
  Revisions() {
    options_.clock = &clock_;
    Open();
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = 2, .metric = Metric::kEuclid};
    schema.shard_count = 3;
    schema.optimizer.growing_rows_max = 16;
    EXPECT_TRUE(database_->CreateCollection("c", schema).ok());
  }
  void Window(int64_t seconds) {
    SchemaChange change;
    change.optimizer = OptimizerConfig{.growing_rows_max = 16, .history_window_s = seconds};
    ASSERT_TRUE(database_->AlterCollection("c", change).ok());
  }
  void Put(const std::vector<uint64_t>& ids, float value, const std::string& source = "", const std::string& run = "") {
    UpsertPoints op;
    for (uint64_t id : ids) {
      PointInput point{PointId::Number(id), {{"", {value, static_cast<float>(id)}}}, Value(), std::nullopt};
      if (!source.empty()) point.source = PointSource{{"", source, ""}, 0};
      op.points.push_back(std::move(point));
    }
    ASSERT_TRUE(Get()->Write({.ops = {std::move(op)}, .context = {.run = run}}).ok());
  }
  void Delete(const std::vector<uint64_t>& ids) {
    std::vector<PointId> points;
    for (uint64_t id : ids) points.push_back(PointId::Number(id));
    ASSERT_TRUE(Get()->Write({.ops = {DeletePoints{std::move(points)}}}).ok());
  }
  void Mark(uint64_t id, int64_t value) {
    Value payload = Value::EmptyObject();
    payload.Set("value", Value(value));
    ASSERT_TRUE(Get()->Write({.ops = {SetPayload{std::vector{PointId::Number(id)}, payload, ""}}}).ok());
  }
  uint64_t Make() {
    const auto revision = Get()->MakeRevision("a message", "somebody");
    EXPECT_TRUE(revision.ok()) << revision.status();
    return revision.ok() ? revision->number : 0;
  }
  uint64_t Tag(const std::string& tag, uint64_t revision = 0) {
    const auto made = Get()->Tag(tag, revision, "somebody");
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->number : 0;
  }
  State At(const std::string& as_of) {
    State state;
    ScrollRequest request{.limit = 1'000, .with_vector = {VectorSelector::Mode::kAll, {}}, .read = {.as_of = as_of}};
    const auto page = Get()->Scroll(request);
    EXPECT_TRUE(page.ok()) << as_of << ": " << page.status();
    if (!page.ok()) return state;
    for (const PointRecord& point : page->points) state[point.id.number()] = point.vectors[0].values[0];
    return state;
  }
  absl::Status StatusAt(const std::string& as_of) { return Get()->Count({.read = {.as_of = as_of}}).status(); }
  RevisionDiff Diff(const std::string& from, const std::string& to = "") {
    const auto diff = Get()->Diff({.from = from, .to = to});
    EXPECT_TRUE(diff.ok()) << diff.status();
    return diff.ok() ? *diff : RevisionDiff();
  }
};

TEST_F(Revisions, AreReadByNumberByTagAndByTime) {
  Put({1, 2, 3}, 1);
  const uint64_t first = Make();
  clock_.AdvanceMs(60'000);
  Put({2, 4}, 2);
  Delete({3});
  Tag("second");
  clock_.AdvanceMs(60'000);
  Put({1, 5}, 3);
  EXPECT_EQ(first, 1u);
  EXPECT_EQ(At("1"), (State{{1, 1}, {2, 1}, {3, 1}}));
  EXPECT_EQ(At("second"), (State{{1, 1}, {2, 2}, {4, 2}}));
  EXPECT_EQ(At("2"), At("second"));
  EXPECT_EQ(At(""), (State{{1, 3}, {2, 2}, {4, 2}, {5, 3}}));
  // The clock began at 2001-09-09T01:46:40Z.
  EXPECT_EQ(At("2001-09-09T01:47:00Z"), At("1"));
  EXPECT_EQ(At("2001-09-09T01:48:00Z"), At("2"));
  EXPECT_EQ(At("2001-09-09T01:49:00Z"), At(""));
  EXPECT_EQ(At("2001-09-09T01:46:00Z"), State());
  const auto list = *Get()->Revisions(10);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].tags, std::vector<std::string>{"second"});
  EXPECT_EQ(list[0].points, 3u);
  EXPECT_EQ(list[1].message, "a message");
  EXPECT_EQ(list[1].author, "somebody");
}

TEST_F(Revisions, AndTheirTagsOutliveARestart) {
  Put({1, 2}, 1);
  Tag("first");
  Put({2, 3}, 2);
  Open();
  EXPECT_EQ(At("first"), (State{{1, 1}, {2, 1}}));
  EXPECT_EQ(Make(), 2u);
  EXPECT_EQ(At("2"), At(""));
  ASSERT_TRUE(*database_->DropCollection("c"));
  CollectionSchema schema;
  schema.vectors[""] = VectorSchema{.dim = 2, .metric = Metric::kEuclid};
  ASSERT_TRUE(database_->CreateCollection("c", schema).ok());
  EXPECT_TRUE(Get()->Revisions(10)->empty());
  EXPECT_EQ(Make(), 1u);
}

TEST_F(Revisions, OfATagStayReadableBeyondTheWindowAndOthersGo) {
  Window(10);
  for (uint64_t id = 0; id < kIds; ++id) Put({id}, 1);
  const uint64_t untagged = Make();
  clock_.AdvanceMs(1'000);
  Put({1, 2}, 2);
  Tag("kept");
  const State kept = At("");
  clock_.AdvanceMs(60'000);
  for (uint64_t id = 0; id < kIds; ++id) Put({id}, 3);
  clock_.AdvanceMs(60'000);
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  EXPECT_EQ(At("kept"), kept);
  EXPECT_EQ(StatusAt(std::to_string(untagged)).code(), absl::StatusCode::kInvalidArgument);
  Open();
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  EXPECT_EQ(At("kept"), kept);
  const auto rows = [&] {
    uint64_t rows = 0;
    for (const SegmentInfo& segment : Get()->Info()->segments) rows += segment.rows;
    return rows;
  };
  EXPECT_GT(rows(), kIds);
  EXPECT_TRUE(*Get()->Untag("kept", ""));
  EXPECT_FALSE(*Get()->Untag("kept", ""));
  clock_.AdvanceMs(60'000);
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  EXPECT_EQ(StatusAt("kept").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(StatusAt("2").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(rows(), kIds);
  EXPECT_EQ(Get()->Tag("late", untagged, "").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(Revisions, AreNamedOnceAndRefusedWhereTheyAreNotThere) {
  Put({1}, 1);
  Tag("a");
  EXPECT_EQ(Get()->Tag("a", 0, "").status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Get()->Tag("b", 9, "").status().code(), absl::StatusCode::kNotFound);
  for (const std::string bad : {"", "12", "2001-09-09T01:46:40Z", "a b", "a/b"}) {
    EXPECT_EQ(Get()->Tag(bad, 0, "").status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
  EXPECT_EQ(Get()->Revisions(10)->size(), 1u);
  EXPECT_EQ(StatusAt("7").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(StatusAt("nothing").code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(Get()->Count({.read = {.as_of_seq = {Seq{1}, Seq{1}, Seq{1}}, .as_of = "a"}}).ok());
  EXPECT_FALSE(Get()->MakeRevision(std::string(5'000, 'x'), "").ok());
}

TEST_F(Revisions, DifferByWhatHappenedBetweenThem) {
  Put({1, 2, 3, 4, 5}, 1, "book", "first");
  Make();
  Put({6}, 1, "letter", "second");
  Put({2}, 2, "book", "second");
  Put({3}, 1, "book", "second");  // the same vector
  Mark(4, 7);
  Delete({5});
  Put({7}, 1, "gone", "second");
  Delete({7});
  Make();
  const RevisionDiff diff = Diff("1", "2");
  EXPECT_EQ(diff.added, 1u);
  EXPECT_EQ(diff.removed, 1u);
  EXPECT_EQ(diff.vectors, 1u);
  EXPECT_EQ(diff.payload, 1u);
  EXPECT_EQ(diff.origin, 1u);
  std::map<uint64_t, PointChange> changes;
  for (const auto& [id, change] : diff.points) changes[id.number()] = change;
  EXPECT_EQ(changes, (std::map<uint64_t, PointChange>{{2, PointChange::kVectors},
                                                      {3, PointChange::kOrigin},
                                                      {4, PointChange::kPayload},
                                                      {5, PointChange::kRemoved},
                                                      {6, PointChange::kAdded}}));
  uint64_t of_letter = 0, of_book = 0;
  for (const auto& group : diff.groups) {
    (group.source.name == "letter" ? of_letter : of_book) += group.added + group.removed + group.changed;
  }
  EXPECT_EQ(of_letter, 1u);
  EXPECT_EQ(of_book, 4u);
  EXPECT_TRUE(Diff("2").points.empty());
  EXPECT_FALSE(Get()->Diff({.from = "2", .to = "1"}).ok());
  EXPECT_FALSE(Get()->Diff({.from = "1", .to = "nothing"}).ok());
}

// Random writes, revisions and background work against an oracle that remembers each revision's state.
TEST_F(Revisions, EqualWhatAnOracleRemembers) {
  Random random(20);
  State now;
  std::map<uint64_t, State> then;
  for (int step = 0; step < 1'500; ++step) {
    const uint64_t what = random.Below(100);
    if (what < 60) {
      std::set<uint64_t> ids;
      while (ids.size() < 1 + random.Below(3)) ids.insert(random.Below(kIds));
      Put({ids.begin(), ids.end()}, static_cast<float>(step));
      for (uint64_t id : ids) now[id] = static_cast<float>(step);
    } else if (what < 80) {
      const uint64_t id = random.Below(kIds);
      Delete({id});
      now.erase(id);
    } else if (what < 95) {
      then[random.OneIn(2) ? Make() : Tag("t" + std::to_string(step))] = now;
    } else if (what < 98) {
      ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
    } else {
      Open();
    }
  }
  ASSERT_GE(then.size(), 200u);
  for (const auto& [number, state] : then) ASSERT_EQ(At(std::to_string(number)), state) << number;
  for (int i = 0; i < 100; ++i) {
    // An exact search of that moment.
    auto at = then.begin();
    std::advance(at, static_cast<ptrdiff_t>(random.Below(then.size())));
    const auto id = static_cast<float>(random.Below(kIds));
    SearchRequest request{.query = std::vector<float>{0, id}, .limit = 5, .exact = true};
    request.read.as_of = std::to_string(at->first);
    const auto found = Get()->Search(request);
    ASSERT_TRUE(found.ok()) << found.status();
    std::vector<float> expected;
    for (const auto& [point, value] : at->second) {
      expected.push_back(std::hypot(value, static_cast<float>(point) - id));
    }
    std::sort(expected.begin(), expected.end());
    ASSERT_EQ(found->size(), std::min<size_t>(5, expected.size()));
    for (size_t k = 0; k < found->size(); ++k) ASSERT_NEAR((*found)[k].score, expected[k], 1e-2f) << at->first;
  }
}

// A request that spans shards is in a revision whole or not at all.
TEST_F(Revisions, CutWritesOfOtherThreadsNowhere) {
  std::vector<uint64_t> ids;
  for (uint64_t id = 0; id < 12; ++id) ids.push_back(id);
  std::atomic<bool> done{false};
  std::vector<uint64_t> numbers;
  {
    ServiceThread writer("writer", [&] {
      for (float value = 1; !done.load(); ++value) Put(ids, value);
    });
    for (int i = 0; i < 40; ++i) numbers.push_back(Make());
    done = true;
  }
  for (uint64_t number : numbers) {
    const State state = At(std::to_string(number));
    for (const auto& [id, value] : state) ASSERT_EQ(value, state.begin()->second) << number;
    ASSERT_TRUE(state.empty() || state.size() == ids.size()) << number;
  }
}

}  // namespace
}  // namespace lineal::engine
