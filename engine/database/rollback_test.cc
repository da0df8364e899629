#include <gtest/gtest.h>

#include <map>

#include "base/random.h"
#include "base/status.h"
#include "engine/database/database_fixture.h"

namespace lineal::engine {
namespace {

IngestContext By(const std::string& run) { return {.run = run, .transform = "chunks"}; }

// A point as far as a reader can tell: its vector, payload and origin.
struct State {
  std::vector<float> vector;
  Value payload;
  std::string run;
  std::string source;
  friend bool operator==(const State&, const State&) = default;
};
using States = std::map<uint64_t, State>;

class Rollback : public ::testing::Test, protected DatabaseFixture {
 protected:
  Rollback() {
    options_.clock = &clock_;
    Open();
    CollectionSchema schema;
    // Angles: what is kept of a vector is not what was sent.
    schema.vectors[""] = VectorSchema{.dim = 3, .metric = Metric::kCosine};
    schema.shard_count = 3;
    EXPECT_TRUE(database_->CreateCollection("c", schema).ok());
  }

  void Put(uint64_t id, const std::string& run, bool with_source = true) {
    Value payload = Value::EmptyObject();
    payload.Set("n", Value(static_cast<int64_t>(random_.Below(1'000'000))));
    PointInput point{PointId::Number(id), {{"", {Any(), Any(), Any()}}}, std::move(payload)};
    if (with_source) point.source = PointSource{{"file", "doc" + std::to_string(random_.Below(9)), "1"}, 3};
    Write(UpsertPoints{{std::move(point)}}, run);
  }
  void Mark(uint64_t id, const std::string& run) {
    Value payload = Value::EmptyObject();
    payload.Set("mark", Value(static_cast<int64_t>(random_.Below(1'000'000))));
    Write(SetPayload{std::vector{PointId::Number(id)}, std::move(payload), ""}, run);
  }
  void Drop(uint64_t id, const std::string& run) { Write(DeletePoints{std::vector{PointId::Number(id)}}, run); }
  void Write(WriteOp op, const std::string& run) {
    const auto written = Get()->Write({.ops = {std::move(op)}, .context = run.empty() ? IngestContext() : By(run)});
    ASSERT_TRUE(written.ok()) << written.status();
  }
  States Now() {
    States out;
    ScrollRequest all;
    all.limit = 10'000;
    all.with_vector.mode = VectorSelector::Mode::kAll;
    const auto page = Get()->Scroll(all);
    EXPECT_TRUE(page.ok()) << page.status();
    for (const PointRecord& point : page->points) {
      const auto origin = Get()->Provenance({.id = point.id});
      EXPECT_TRUE(origin.ok());
      const PointOrigin& from = origin->front();
      out[point.id.number()] = {point.vectors[0].values, point.payload.value_or(Value()), from.context.run,
                                from.source ? from.source->source.name : ""};
    }
    return out;
  }
  float Any() { return static_cast<float>(random_.Gaussian()); }

  lineal::Random random_{11};
};

TEST_F(Rollback, Acceptance21OfARunGivesWhatWasBeforeItWhenNobodyElseWrote) {
  for (uint64_t id = 0; id < 60; ++id) Put(id, "first");
  const States before = Now();
  for (uint64_t id = 40; id < 80; ++id) Put(id, "second");
  for (uint64_t id = 50; id < 60; ++id) Mark(id, "second");
  for (uint64_t id = 0; id < 20; ++id) Drop(id, "second");
  for (uint64_t id = 10; id < 15; ++id) Put(id, "second");
  for (uint64_t id = 20; id < 30; ++id) Mark(id, "second");

  const States after = Now();
  const auto plan = Get()->Rollback({.run = "second", .dry_run = true});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(Now(), after);
  EXPECT_EQ(plan->revision.number, 0u);

  const auto undone = Get()->Rollback({.run = "second", .author = "ann"});
  ASSERT_TRUE(undone.ok()) << undone.status();
  EXPECT_EQ(Now(), before);
  EXPECT_EQ(undone->removed, 20u);
  EXPECT_EQ(undone->restored, 50u);
  EXPECT_EQ(undone->kept, 0u);
  EXPECT_EQ(undone->restored, plan->restored);
  EXPECT_EQ(undone->revision.author, "ann");
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  EXPECT_EQ(Now(), before);
}

TEST_F(Rollback, Acceptance21OfARunKeepsWhatOthersWroteAfterIt) {
  States expected;
  for (uint64_t id = 0; id < 30; ++id) Put(id, "first");
  const States before = Now();
  for (uint64_t id = 0; id < 40; ++id) Put(id, "second");
  for (uint64_t id = 0; id < 10; ++id) Put(id, "third");
  for (uint64_t id = 10; id < 15; ++id) Mark(id, "third");
  for (uint64_t id = 35; id < 40; ++id) Drop(id, "third");
  const States after = Now();
  for (const auto& [id, state] : before) {
    if (id >= 15) expected[id] = state;
  }
  for (uint64_t id = 0; id < 15; ++id) expected[id] = after.at(id);
  const auto undone = Get()->Rollback({.run = "second"});
  ASSERT_TRUE(undone.ok()) << undone.status();
  EXPECT_EQ(undone->kept, 20u);
  EXPECT_EQ(Now(), expected);
}

TEST_F(Rollback, ToAVersionIsAVersionOfItsOwn) {
  std::vector<std::pair<uint64_t, States>> versions;
  for (int step = 0; step < 400; ++step) {
    const uint64_t id = random_.Below(40);
    const std::string run = "run" + std::to_string(random_.Below(4));
    switch (random_.Below(6)) {
      case 0:
        Drop(id, run);
        break;
      case 1:
        if (Now().contains(id)) Mark(id, run);
        break;
      case 2:
        if (random_.OneIn(4)) {
          const auto revision = Get()->MakeRevision("", "");
          ASSERT_TRUE(revision.ok());
          versions.emplace_back(revision->number, Now());
        } else if (!versions.empty() && random_.OneIn(3)) {
          const auto& [number, states] = versions[random_.Below(versions.size())];
          const auto done = Get()->Rollback({.to = std::to_string(number)});
          ASSERT_TRUE(done.ok()) << done.status();
          ASSERT_EQ(Now(), states) << "step " << step;
          const auto diff = Get()->Diff({.from = std::to_string(number)});
          ASSERT_TRUE(diff.ok());
          ASSERT_EQ(diff->points.size(), 0u);
        } else if (random_.OneIn(3)) {
          ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
        }
        break;
      default:
        Put(id, run, random_.OneIn(2));
    }
  }
  EXPECT_GT(versions.size(), 8u);
}

TEST_F(Rollback, NeedsAStateThatIsKept) {
  Put(1, "first");
  Put(1, "second");
  clock_.AdvanceMs(2 * 3'600'000);
  Put(2, "third");
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  const States now = Now();
  const auto lost = Get()->Rollback({.run = "second"});
  EXPECT_EQ(KindOf(lost.status()), ErrorKind::kOutOfRange) << lost.status();
  EXPECT_EQ(Now(), now);
  EXPECT_FALSE(Get()->Rollback({}).ok());
  EXPECT_FALSE(Get()->Rollback({.to = "1", .run = "second"}).ok());
  EXPECT_EQ(Get()->Rollback({.to = "99"}).status().code(), absl::StatusCode::kNotFound);
  const auto none = Get()->Rollback({.run = "nobody"});
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none->revision.number, 0u);
}

}  // namespace
}  // namespace lineal::engine
