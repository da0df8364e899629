#include <map>
#include <set>

#include "engine/database/database_fixture.h"
#include "engine/shard/origin_record.h"
#include "gtest/gtest.h"

namespace lineal::engine {
namespace {

SourceVersion Document(const std::string& name, const std::string& version = "1") { return {"file", name, version}; }
IngestContext ByRun(const std::string& run) { return {.run = run, .transform = "chunks of 200", .space = "space-a"}; }

class Origins : public ::testing::Test, protected DatabaseFixture {
 protected:
  Origins() {
    options_.clock = &clock_;
    Open();
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = 4, .metric = Metric::kEuclid};
    schema.vectors["b"] = VectorSchema{.dim = 2, .metric = Metric::kEuclid};
    schema.shard_count = 2;
    EXPECT_TRUE(database_->CreateCollection("c", schema).ok());
  }
  static PointInput Point(uint64_t id, std::optional<PointSource> source = std::nullopt) {
    return {PointId::Number(id), {{"", {static_cast<float>(id), 0, 0, 1}}}, Value(), std::move(source)};
  }
  static SetPayload Mark(uint64_t id) {
    Value payload = Value::EmptyObject();
    payload.Set("marked", Value(true));
    return {std::vector{PointId::Number(id)}, std::move(payload), ""};
  }
  Seq Write(WriteOp op, IngestContext context = {}) {
    const auto written = Get()->Write({.ops = {std::move(op)}, .context = std::move(context)});
    EXPECT_TRUE(written.ok()) << written.status();
    return written.ok() ? Seq{written->operation_id} : kNoSeq;
  }
  std::vector<PointOrigin> StatesOf(uint64_t id, bool history = false) {
    const auto states = Get()->Provenance({.id = PointId::Number(id), .history = history});
    EXPECT_TRUE(states.ok()) << states.status();
    return states.ok() ? *states : std::vector<PointOrigin>();
  }
  std::set<uint64_t> PointsOf(const OriginSelector& selector, uint64_t limit = 3) {
    std::set<uint64_t> points;
    OriginPageRequest request{.selector = selector, .limit = limit};
    do {
      const auto page = Get()->PointsOf(request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      EXPECT_LE(page->points.size(), limit);
      for (const auto& [id, origin] : page->points) EXPECT_TRUE(points.insert(id.number()).second) << id.number();
      request.offset = page->next;
    } while (!request.offset.empty());
    return points;
  }
  // With the database closed.
  std::vector<std::string> Problems() {
    database_.reset();
    std::vector<std::string> problems;
    const absl::Status status =
        VerifyDirectory(options_, [&](const std::string& problem) { problems.push_back(problem); });
    EXPECT_TRUE(status.ok()) << status;
    return problems;
  }
  std::map<std::string, uint64_t> CountByRun() {
    std::map<std::string, uint64_t> counts;
    const auto found = Get()->CountByContext();
    EXPECT_TRUE(found.ok()) << found.status();
    for (const ContextCount& count : *found) counts[count.context.run] += count.points;
    return counts;
  }
};

TEST_F(Origins, AreThoseOfTheWriteThatMadeThePoint) {
  Write(UpsertPoints{{Point(1, PointSource{Document("a"), 0}), Point(2, PointSource{Document("a"), 1}), Point(3)}},
        ByRun("first"));
  const std::vector<PointOrigin> states = StatesOf(2);
  ASSERT_EQ(states.size(), 1u);
  EXPECT_EQ(states[0].context, ByRun("first"));
  EXPECT_EQ(states[0].source, (PointSource{Document("a"), 1}));
  EXPECT_FALSE(states[0].payload_only);
  EXPECT_FALSE(StatesOf(3)[0].source.has_value());
  EXPECT_FALSE(Get()->Provenance({.id = PointId::Number(9)}).ok());
}

TEST_F(Origins, OfPointsWithoutAnyAreCountedAsSuch) {
  Write(UpsertPoints{{Point(1), Point(2)}});
  EXPECT_EQ(StatesOf(1)[0].context, IngestContext());
  EXPECT_EQ(CountByRun(), (std::map<std::string, uint64_t>{{"", 2}}));
}

TEST_F(Origins, OfEarlierStatesAreKept) {
  const Seq first = Write(UpsertPoints{{Point(1, PointSource{Document("a", "1"), 7})}}, ByRun("first"));
  const Seq second = Write(Mark(1), ByRun("tagging"));
  const Seq third = Write(UpsertPoints{{Point(1, PointSource{Document("a", "2"), 8})}}, ByRun("second"));
  const Seq fourth = Write(DeletePoints{std::vector{PointId::Number(1)}}, ByRun("cleaning"));
  const std::vector<PointOrigin> states = StatesOf(1, true);
  ASSERT_EQ(states.size(), 3u);
  EXPECT_EQ(states[0].version, Raw(third));
  EXPECT_EQ(states[0].died, Raw(fourth));
  EXPECT_EQ(states[0].context.run, "second");
  EXPECT_EQ(states[0].source, (PointSource{Document("a", "2"), 8}));
  EXPECT_EQ(states[1].version, Raw(second));
  EXPECT_TRUE(states[1].payload_only);
  EXPECT_EQ(states[1].context.run, "tagging");
  EXPECT_EQ(states[1].source, (PointSource{Document("a", "1"), 7}));
  EXPECT_EQ(states[2].version, Raw(first));
  EXPECT_EQ(states[2].context.run, "first");
}

TEST_F(Origins, OfOtherVectorsKeepTheSource) {
  Write(UpsertPoints{{Point(1, PointSource{Document("a"), 3})}}, ByRun("first"));
  Write(UpdateVectors{{PointInput{PointId::Number(1), {{"b", {1, 2}}}, Value(), std::nullopt}}}, ByRun("second"));
  EXPECT_EQ(StatesOf(1)[0].context.run, "second");
  EXPECT_EQ(StatesOf(1)[0].source, (PointSource{Document("a"), 3}));
  Write(DeleteVectors{std::vector{PointId::Number(1)}, {"b"}}, ByRun("third"));
  EXPECT_EQ(StatesOf(1)[0].context.run, "third");
  EXPECT_EQ(StatesOf(1)[0].source, (PointSource{Document("a"), 3}));
}

TEST_F(Origins, FindThePointsOfASourceAndOfARun) {
  for (uint64_t id = 0; id < 20; ++id) {
    Write(UpsertPoints{{Point(id, PointSource{Document(id < 8 ? "a" : "b", id < 4 ? "1" : "2"), 0})}},
          ByRun(id % 2 == 0 ? "even" : "odd"));
  }
  EXPECT_EQ(PointsOf({.source = Document("a")}), (std::set<uint64_t>{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(PointsOf({.source = Document("a", "2"), .any_version = false}), (std::set<uint64_t>{4, 5, 6, 7}));
  EXPECT_EQ(PointsOf({.source = Document("a"), .context = {.run = "odd"}}), (std::set<uint64_t>{1, 3, 5, 7}));
  EXPECT_EQ(PointsOf({.context = {.run = "even"}}), (std::set<uint64_t>{0, 2, 4, 6, 8, 10, 12, 14, 16, 18}));
  EXPECT_EQ(PointsOf({.context = {.space = "space-a"}}).size(), 20u);
  EXPECT_TRUE(PointsOf({.source = Document("c")}).empty());
  EXPECT_TRUE(PointsOf({.context = {.run = "neither"}}).empty());
  // What died, or came from elsewhere since, is not of it.
  Write(DeletePoints{std::vector{PointId::Number(1)}});
  Write(UpsertPoints{{Point(3, PointSource{Document("c"), 0})}}, ByRun("even"));
  EXPECT_EQ(PointsOf({.source = Document("a")}), (std::set<uint64_t>{0, 2, 4, 5, 6, 7}));
  EXPECT_EQ(PointsOf({.source = Document("c")}), (std::set<uint64_t>{3}));
}

TEST_F(Origins, AreCountedByContext) {
  Write(UpsertPoints{{Point(1), Point(2), Point(3), Point(4)}}, ByRun("first"));
  EXPECT_EQ(CountByRun(), (std::map<std::string, uint64_t>{{"first", 4}}));
  Write(UpsertPoints{{Point(2), Point(5)}}, ByRun("second"));
  Write(DeletePoints{std::vector{PointId::Number(1)}}, ByRun("third"));
  Write(UpsertPoints{{Point(3)}});
  EXPECT_EQ(CountByRun(), (std::map<std::string, uint64_t>{{"", 1}, {"first", 1}, {"second", 2}}));
  Open();
  EXPECT_EQ(CountByRun(), (std::map<std::string, uint64_t>{{"", 1}, {"first", 1}, {"second", 2}}));
}

TEST_F(Origins, GoOnAfterARestart) {
  Write(UpsertPoints{{Point(1, PointSource{Document("a"), 0})}}, ByRun("first"));
  Open();
  Write(UpsertPoints{{Point(2, PointSource{Document("b"), 1}), Point(3, PointSource{Document("a"), 2})}},
        ByRun("second"));
  Write(UpsertPoints{{Point(4)}}, ByRun("first"));
  Open();
  EXPECT_EQ(StatesOf(1)[0].source, (PointSource{Document("a"), 0}));
  EXPECT_EQ(StatesOf(2)[0].source, (PointSource{Document("b"), 1}));
  EXPECT_EQ(StatesOf(2)[0].context, ByRun("second"));
  EXPECT_EQ(PointsOf({.source = Document("a")}), (std::set<uint64_t>{1, 3}));
  EXPECT_EQ(PointsOf({.context = ByRun("first")}), (std::set<uint64_t>{1, 4}));
}

TEST_F(Origins, GoWithTheRowsThatNobodyCanSee) {
  SchemaChange change;
  change.optimizer = OptimizerConfig{.growing_rows_max = 64, .history_window_s = 0};
  ASSERT_TRUE(database_->AlterCollection("c", change).ok());
  for (const std::string version : {"1", "2"}) {
    UpsertPoints op;
    for (uint64_t id = 0; id < 400; ++id) op.points.push_back(Point(id, PointSource{Document("a", version), 0}));
    Write(std::move(op), ByRun(version));
    Write(Mark(7), ByRun("tagging"));
  }
  EXPECT_EQ(StatesOf(7, true).size(), 4u);
  clock_.AdvanceMs(10'000);
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  const std::vector<PointOrigin> states = StatesOf(7, true);
  ASSERT_EQ(states.size(), 2u);
  EXPECT_EQ(states[0].context.run, "tagging");
  EXPECT_EQ(states[1].context.run, "2");
  EXPECT_EQ(PointsOf({.source = Document("a")}, 1'000).size(), 400u);
  EXPECT_EQ(Problems(), std::vector<std::string>());
}

TEST_F(Origins, AreRefusedWhereTheyAreTooLong) {
  IngestContext context = ByRun(std::string(kOriginTextMax + 1, 'x'));
  EXPECT_FALSE(Get()->Write({.ops = {UpsertPoints{{Point(1)}}}, .context = context}).ok());
  EXPECT_FALSE(Get()->Write({.ops = {UpsertPoints{{Point(1, PointSource{Document(""), 0})}}}}).ok());
  EXPECT_FALSE(Get()->PointsOf({}).ok());
  EXPECT_FALSE(Get()->PointsOf({.selector = {.context = ByRun("a")}, .offset = "1:2"}).ok());
  EXPECT_EQ(CountByRun(), (std::map<std::string, uint64_t>{}));
}

// Keys of one kind are taken away.
class LostOrigins : public Origins, public ::testing::WithParamInterface<std::string> {};

TEST_P(LostOrigins, AreFound) {
  UpsertPoints op;
  for (uint64_t id = 0; id < 16; ++id) op.points.push_back(Point(id, PointSource{Document("a"), 0}));
  Write(std::move(op), ByRun("first"));
  EXPECT_EQ(Problems(), std::vector<std::string>());
  Open();
  {
    const std::shared_ptr<Collection> collection = Get();
    storage::ShardStore& store = static_cast<LocalCollection&>(*collection).shards()[1]->store();
    std::unique_ptr<storage::StoreBatch> batch = store.NewBatch();
    const auto scanned = store.ScanOrigins(GetParam(), [&](std::string_view key, std::string_view) {
      if (key.starts_with(GetParam())) batch->DeleteOrigin(key);
      return true;
    });
    ASSERT_TRUE(scanned.ok());
    ASSERT_TRUE(store.Commit(std::move(batch), store.applied()).ok());
  }
  EXPECT_NE(Problems(), std::vector<std::string>());
}
INSTANTIATE_TEST_SUITE_P(Kinds, LostOrigins,
                         ::testing::Values(OriginKey(RowId{0}).substr(0, 1), ContextKey(0).substr(0, 1),
                                           SourceKey(0).substr(0, 1), ContextRowsKey(0).substr(0, 1),
                                           SourceRowsKey(0).substr(0, 1), ContextPointsKey(0).substr(0, 1)),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace lineal::engine
