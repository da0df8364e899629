// What is erased is in no file of the data directory, and nothing else is changed.
#include "engine/database/erasure_fixture.h"

namespace lineal::engine {
namespace {

class Erasures : public ErasureFixture {};

TEST_F(Erasures, TakesASourceOffEveryFile) {
  constexpr uint64_t kPoints = 500;
  Open();
  Create();
  Load(0, kPoints);
  ASSERT_TRUE(Get()->Tag("before", 0, "").ok());
  Load(0, 100);  // some of it is history now
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  Load(100, 200);
  ASSERT_FALSE(FilesWith(Needles(kPoints)).empty());

  const Erasure planned = Erase({.source = Secret()}, true);
  EXPECT_EQ(planned.live_rows, 10u);
  EXPECT_EQ(planned.history_rows, 4u);
  EXPECT_EQ(*Get()->Count({}), kPoints);
  const Erasure done = Erase({.source = Secret()});
  EXPECT_EQ(done.state, ErasureState::kDone);
  EXPECT_EQ(done.live_rows, 10u);
  EXPECT_EQ(done.history_rows, 4u);
  EXPECT_EQ(FilesWith(Needles(kPoints)), std::set<std::string>());
  EXPECT_EQ(*Get()->Count({}), kPoints - 10);
  EXPECT_EQ(Near(50, 10), NearOf(50, 10, kPoints));
  EXPECT_EQ(Near(50, 10, "before"), NearOf(50, 10, kPoints));
  const auto revisions = Get()->Revisions(10);
  ASSERT_TRUE(revisions.ok());
  EXPECT_EQ(revisions->front().redacted, 10u);
  const auto diff = Get()->Diff({.from = "before"});
  ASSERT_TRUE(diff.ok()) << diff.status();
  EXPECT_EQ(diff->redacted, 14u);
  ExpectSound();
  EXPECT_EQ(FilesWith(Needles(kPoints)), std::set<std::string>());
}

TEST_F(Erasures, SelectsByDocumentSubjectAndFilterAndLeavesOthersAlone) {
  Open();
  Create(2);
  Load(0, 200);
  ErasureSelector filter{.filter = Filter{}};
  filter.filter->must.push_back({FieldCondition{"text", MatchValue{std::string("plain")}}});
  filter.filter->must.push_back({HasId{{PointId::Number(1), PointId::Number(2)}}});
  EXPECT_EQ(Erase({.document = Secret()}, true).live_rows, 4u);
  EXPECT_EQ(Erase({.document = SourceVersion{"file", Secret().name, "2"}}, true).live_rows, 0u);
  EXPECT_EQ(Erase({.subject = "somebody else"}, true).live_rows, 0u);
  EXPECT_EQ(Erase(filter, true).live_rows, 2u);
  EXPECT_EQ(*Get()->Count({}), 200u);
  EXPECT_EQ(Erase(filter).live_rows, 2u);
  EXPECT_EQ(*Get()->Count({}), 198u);
  EXPECT_EQ(Erase({.subject = kMarker}).live_rows, 4u);
  EXPECT_EQ(*Get()->Count({}), 194u);
  EXPECT_EQ(FilesWith(Needles(200)), std::set<std::string>());
  ExpectSound();
  EXPECT_EQ(FilesWith(Needles(200)), std::set<std::string>());
  EXPECT_FALSE(database_->Erase({.selector = {.collection = "c", .filter = Filter{}}}).ok());
  EXPECT_FALSE(database_->Erase({.selector = {.collection = "c"}}).ok());
}

// A payload of before that is kept selects its row too, and what a write replaced is in no file either.
TEST_F(Erasures, FindsWhatAPayloadSaidBefore) {
  Open();
  Create();
  Load(0, 60);
  Value plain = Value::EmptyObject();
  plain.Set("text", Value(std::string("plain")));
  ASSERT_TRUE(Get()->Write({.ops = {OverwritePayload{std::vector{PointId::Number(50)}, plain}}}).ok());
  EXPECT_EQ(Erase({.subject = kMarker}).live_rows, 2u);
  EXPECT_EQ(*Get()->Count({}), 58u);
  EXPECT_EQ(FilesWith(Needles(60)), std::set<std::string>());
  ExpectSound();
}

// Rows of a point before and after one that goes hang together.
TEST_F(Erasures, KeepsOtherStatesOfAPoint) {
  Open();
  Create();
  const auto put = [&](uint64_t id, const SourceVersion& source, float first) {
    UpsertPoints op;
    op.points.push_back({PointId::Number(id), {{"", {first, 0, 0, 0, 0, 0, 0, 1}}}, Value(), PointSource{source, 0}});
    ASSERT_TRUE(Get()->Write({.ops = {std::move(op)}}).ok());
  };
  const SourceVersion open{"file", "/public", "1"};
  put(1, open, 1), put(2, open, 1);
  ASSERT_TRUE(Get()->Tag("one", 0, "").ok());
  put(1, Secret(), 2), put(2, Secret(), 2);
  ASSERT_TRUE(Get()->Tag("two", 0, "").ok());
  put(1, open, 3);
  ASSERT_TRUE(Get()->Tag("three", 0, "").ok());
  const auto first_of = [&](uint64_t id, const std::string& as_of) -> float {
    RetrieveRequest request{.ids = {PointId::Number(id)}};
    request.with_vector.mode = VectorSelector::Mode::kAll;
    request.read.as_of = as_of;
    const auto found = Get()->Retrieve(request);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() && !found->empty() ? found->front().vectors.front().values.front() : 0;
  };
  EXPECT_EQ(first_of(1, "two"), 2);
  const Erasure done = Erase({.source = Secret()});
  EXPECT_EQ(done.live_rows, 1u);
  EXPECT_EQ(done.history_rows, 1u);
  ASSERT_EQ(done.tags.size(), 2u);
  const auto check = [&] {
    for (const uint64_t id : {1, 2}) {
      EXPECT_EQ(first_of(id, "one"), 1) << id;
      EXPECT_EQ(first_of(id, "two"), 0) << id;
    }
    EXPECT_EQ(first_of(1, "three"), 3);
    EXPECT_EQ(first_of(2, "three"), 0);
    EXPECT_EQ(first_of(1, ""), 3);
    EXPECT_EQ(first_of(2, ""), 0);
  };
  check();
  put(2, open, 4);
  EXPECT_EQ(first_of(2, ""), 4);
  EXPECT_EQ(first_of(2, "one"), 1);
  ExpectSound();
  EXPECT_EQ(first_of(2, ""), 4);
  EXPECT_EQ(first_of(1, "one"), 1);
  EXPECT_EQ(first_of(1, "two"), 0);
}

// Acceptance 30: 20,000 points, 2 % of them from a source that is erased; all bytes of all files are looked at.
TEST_F(Erasures, Acceptance30) {
  constexpr uint64_t kPoints = 20'000;
  const std::string backup = directory_.Sub("backup");
  Open();
  Create();
  Load(0, kPoints);
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  ASSERT_TRUE(Get()->Tag("before", 0, "").ok());
  ASSERT_TRUE(database_->BackupCollection("c", backup).ok());
  ASSERT_FALSE(FilesWith({kMarker}).empty());

  const Erasure done = Erase({.source = Secret()});
  EXPECT_EQ(done.state, ErasureState::kDone);
  EXPECT_EQ(done.live_rows, kPoints / 50);
  EXPECT_EQ(done.history_rows, 0u);
  ASSERT_EQ(done.tags.size(), 1u);
  EXPECT_EQ(done.tags[0].points, kPoints / 50);
  const auto line = std::ranges::find(done.places, "backups", &ErasurePlace::place);
  ASSERT_NE(line, done.places.end());
  EXPECT_EQ(line->status, PlaceStatus::kPending);
  EXPECT_NE(line->detail.find(backup), std::string::npos);

  std::vector<std::string> needles = {kMarker};
  for (uint64_t id = 0; id < kPoints; id += 1'000) needles.push_back(BytesOfVector(id));
  EXPECT_EQ(FilesWith(needles), std::set<std::string>());
  for (const std::string& as_of : {std::string(), std::string("before")}) {
    for (const uint64_t id : {0, 50, 777, 12'000}) EXPECT_EQ(Near(id, 10, as_of), NearOf(id, 10, kPoints)) << as_of;
  }
  const auto revisions = Get()->Revisions(1);
  ASSERT_TRUE(revisions.ok());
  EXPECT_EQ(revisions->front().redacted, kPoints / 50);
  const auto diff = Get()->Diff({.from = "before"});
  ASSERT_TRUE(diff.ok()) << diff.status();
  EXPECT_EQ(diff->redacted, kPoints / 50);
  EXPECT_EQ(diff->removed, 0u);
  EXPECT_EQ(*Get()->Count({}), kPoints - kPoints / 50);
  const auto listed = database_->ListErasures(10);
  ASSERT_TRUE(listed.ok());
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ(listed->front().places.size(), done.places.size());
  ExpectSound();
  EXPECT_EQ(FilesWith(needles), std::set<std::string>());
}

}  // namespace
}  // namespace lineal::engine
