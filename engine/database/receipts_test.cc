#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "base/strings.h"
#include "engine/database/database_fixture.h"

namespace lineal::engine {
namespace {

constexpr uint32_t kDim = 24;
constexpr uint64_t kPoints = 3'000;

class Acceptance26 : public ::testing::Test, protected DatabaseFixture {
 protected:
  Acceptance26() {
    options_.clock = &clock_;
    Open();
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = kDim, .metric = Metric::kEuclid};
    schema.shard_count = 2;
    schema.optimizer = OptimizerConfig{.growing_rows_max = 512, .indexing_threshold_kb = 1};
    // Small enough to miss something, and walked where a scan would be cheaper.
    schema.hnsw.index = IndexKind::kHnsw;
    schema.hnsw.m = 4;
    schema.hnsw.ef_construct = 8;
    schema.hnsw.full_scan_threshold_kb = 1;
    EXPECT_TRUE(database_->CreateCollection("c", schema).ok());
    EXPECT_TRUE(database_->ChangeAliases({CreateAlias{"prod", {.collection = "c"}}}, "").ok());
  }
  std::vector<float> Vector() {
    std::vector<float> vector;
    for (uint32_t i = 0; i < kDim; ++i) vector.push_back(static_cast<float>(random_.Gaussian()));
    return vector;
  }
  // Point i is chunk i of document i / 10, written by run i / 1000.
  void Fill() {
    for (uint64_t run = 0; run * 1'000 < kPoints; ++run) {
      UpsertPoints op;
      for (uint64_t id = run * 1'000; id < (run + 1) * 1'000; ++id) {
        PointInput point{PointId::Number(id), {{"", Vector()}}, Value(), std::nullopt};
        point.source = PointSource{{"file", StrCat("doc ", id / 10), "v1"}, static_cast<uint32_t>(id % 10)};
        op.points.push_back(std::move(point));
      }
      ASSERT_TRUE(Get()->Write({.ops = {std::move(op)}, .context = {.run = StrCat("run ", run)}}).ok());
    }
  }
  Receipts& receipts() { return (*database_->lineage())->receipts(); }

  SearchRequest Question(bool exact = true) {
    SearchRequest request;
    request.query = Vector();
    request.exact = exact;
    request.state = std::make_shared<SearchState>();
    return request;
  }
  std::string Ask(const SearchRequest& question) {
    const auto answer = (*database_->GetCollection("prod"))->Search(question);
    EXPECT_TRUE(answer.ok()) << answer.status();
    const auto receipt = receipts().Issue(question, *question.state, *answer, {"use-lite", "request 7", "1.2.3"});
    EXPECT_TRUE(receipt.ok()) << receipt.status();
    return receipt.ok() ? *receipt : "";
  }
  ReceiptReplay Replay(const std::string& receipt, const SearchRequest& question) {
    const auto opened = receipts().Verify(receipt);
    EXPECT_TRUE(opened.ok()) << opened.status();
    const auto collection = database_->GetCollection(opened->state.collection);
    const auto replay = receipts().Replay(*opened, question, collection.ok() ? collection->get() : nullptr);
    EXPECT_TRUE(replay.ok()) << replay.status();
    return replay.ok() ? *replay : ReceiptReplay();
  }
  std::vector<ExplainedHit> Explain(const std::string& receipt) {
    const auto opened = receipts().Verify(receipt);
    const auto collection = database_->GetCollection(opened->state.collection);
    const auto hits = receipts().Explain(*opened, collection.ok() ? collection->get() : nullptr, Deadline());
    EXPECT_TRUE(hits.ok()) << hits.status();
    return hits.ok() ? *hits : std::vector<ExplainedHit>();
  }
  // Overwrites every point with another vector, of another run.
  void Rewrite() {
    UpsertPoints op;
    for (uint64_t id = 0; id < kPoints; ++id) op.points.push_back({PointId::Number(id), {{"", Vector()}}, Value(), {}});
    ASSERT_TRUE(Get()->Write({.ops = {std::move(op)}, .context = {.run = "another"}}).ok());
  }

  Random random_{26};
};

TEST_F(Acceptance26, AReceiptSaysWhatWasAskedAndAnswered) {
  Fill();
  SearchRequest question = Question();
  question.limit = 7;
  const auto receipt = receipts().Verify(Ask(question));
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  const auto answer = *Get()->Search(question);
  EXPECT_EQ(receipt->name_space, "default");
  EXPECT_EQ(receipt->state.collection, "c");
  EXPECT_EQ(receipt->state.seqs, Get()->Info()->seqs);
  EXPECT_EQ(receipt->space, "use-lite");
  EXPECT_EQ(receipt->request_id, "request 7");
  EXPECT_EQ(receipt->build, "1.2.3");
  EXPECT_EQ(receipt->wall_ms, clock_.WallMs());
  EXPECT_EQ(receipt->limit, 7u);
  EXPECT_TRUE(receipt->exact);
  EXPECT_FALSE(receipt->filter.has_value());
  ASSERT_EQ(receipt->hits.size(), 7u);
  for (size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(receipt->hits[i], (ReceiptHit{answer[i].point.id, answer[i].point.version, answer[i].score}));
  }
}

TEST_F(Acceptance26, NoFlippedByteVerifies) {
  Fill();
  const std::string receipt = Ask(Question());
  ASSERT_TRUE(receipts().Verify(receipt).ok());
  for (size_t at = 0; at < receipt.size(); ++at) {
    for (const int flip : {1, 0x80, 0xff}) {
      std::string changed = receipt;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      EXPECT_FALSE(receipts().Verify(changed).ok()) << at;
    }
    EXPECT_FALSE(receipts().Verify(receipt.substr(0, at)).ok()) << at;
  }
  EXPECT_FALSE(receipts().Verify(receipt + "x").ok());
}

TEST_F(Acceptance26, AReceiptOfAnotherDatabaseDoesNotVerify) {
  Fill();
  const std::string receipt = Ask(Question());
  database_.reset();
  ASSERT_TRUE(PosixFileSystem()->Remove(AuditKeyPath(options_)).ok());
  Open();
  EXPECT_EQ(receipts().Verify(receipt).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(Acceptance26, ExplainNamesTheTrueDocumentAndRunOfEveryHitAlsoLater) {
  Fill();
  const std::string receipt = Ask(Question());
  const auto check = [&] {
    const auto hits = Explain(receipt);
    ASSERT_EQ(hits.size(), 10u);
    for (const ExplainedHit& one : hits) {
      const uint64_t id = one.hit.id.number();
      ASSERT_TRUE(one.origin.has_value()) << id;
      EXPECT_EQ(one.origin->context.run, StrCat("run ", id / 1'000));
      EXPECT_EQ(one.origin->source->source.name, StrCat("doc ", id / 10));
      EXPECT_EQ(one.origin->source->ordinal, id % 10);
      EXPECT_EQ(one.origin->version, one.hit.version);
    }
  };
  check();
  Rewrite();
  check();
  database_.reset();
  Open();
  check();
}

TEST_F(Acceptance26, ExplainTellsAChangeOfThePayloadFromThatOfTheVectors) {
  Fill();
  Value payload = Value::EmptyObject();
  payload.Set("seen", Value(true));
  std::vector<PointId> all;
  for (uint64_t id = 0; id < kPoints; ++id) all.push_back(PointId::Number(id));
  ASSERT_TRUE(Get()->Write({.ops = {SetPayload{all, payload, ""}}, .context = {.run = "marking"}}).ok());
  for (const ExplainedHit& one : Explain(Ask(Question()))) {
    ASSERT_TRUE(one.origin && one.vectors);
    EXPECT_EQ(one.origin->context.run, "marking");
    EXPECT_EQ(one.vectors->context.run, StrCat("run ", one.hit.id.number() / 1'000));
  }
}

TEST_F(Acceptance26, AReplayOfAnExactSearchIsTheSameAlsoAfterEverythingChanged) {
  Fill();
  Filter filter;
  filter.must_not.push_back(Condition{HasId{{PointId::Number(1), PointId::Number(2)}}});
  std::vector<std::pair<SearchRequest, std::string>> asked;
  for (int i = 0; i < 10; ++i) {
    SearchRequest question = Question();
    if (i % 2 == 1) question.filter = filter;
    if (i == 4) question.query = PointId::Number(77);
    question.limit = static_cast<uint64_t>(i) + 1;
    const std::string receipt = Ask(question);
    asked.emplace_back(std::move(question), receipt);
  }
  const auto check = [&] {
    for (const auto& [question, receipt] : asked) {
      const ReceiptReplay replay = Replay(receipt, question);
      EXPECT_TRUE(replay.readable) << replay.reason;
      EXPECT_TRUE(replay.same);
      EXPECT_EQ(replay.hits.size(), question.limit);
      EXPECT_TRUE(replay.only_then.empty() && replay.only_now.empty() && replay.gone.empty());
    }
  };
  check();
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  Rewrite();
  check();
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  check();
}

TEST_F(Acceptance26, AReplayOfAnApproximateSearchSaysWhatDiffers) {
  Fill();
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  size_t different = 0;
  for (int i = 0; i < 30; ++i) {
    SearchRequest question = Question(false);
    question.ef_search = 1;
    const auto answer = *Get()->Search(question);
    const ReceiptReplay replay = Replay(Ask(question), question);
    ASSERT_TRUE(replay.readable);
    question.exact = true;
    const auto exact = *Get()->Search(question);
    std::vector<PointId> then, now, only_then, only_now;
    for (const auto& point : answer) then.push_back(point.point.id);
    for (const auto& point : exact) now.push_back(point.point.id);
    for (const PointId& id : then) {
      if (std::find(now.begin(), now.end(), id) == now.end()) only_then.push_back(id);
    }
    for (const PointId& id : now) {
      if (std::find(then.begin(), then.end(), id) == then.end()) only_now.push_back(id);
    }
    EXPECT_EQ(replay.only_then, only_then);
    EXPECT_EQ(replay.only_now, only_now);
    EXPECT_EQ(replay.same, then == now);
    different += !replay.same;
  }
  EXPECT_GT(different, 0u) << "no search was approximate, so nothing was tested";
}

TEST_F(Acceptance26, ScoresThatWereNotRescoredDifferByTheirDifference) {
  Fill();
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  SearchRequest question = Question(false);
  question.rescore = false;
  const auto answer = *Get()->Search(question);
  const ReceiptReplay replay = Replay(Ask(question), question);
  double most = 0;
  for (const ReceiptHit& hit : replay.hits) {
    for (const auto& point : answer) {
      if (point.point.id == hit.id) most = std::max(most, std::abs(static_cast<double>(point.score) - hit.score));
    }
  }
  EXPECT_GT(most, 0) << "codes were exact, so nothing was tested";
  EXPECT_DOUBLE_EQ(replay.score_difference_max, most);
}

TEST_F(Acceptance26, AnotherQuestionIsNotReplayed) {
  Fill();
  const SearchRequest question = Question();
  const auto receipt = receipts().Verify(Ask(question));
  const auto refused = [&](const SearchRequest& other) {
    const auto replay = receipts().Replay(*receipt, other, Get().get());
    EXPECT_EQ(replay.status().code(), absl::StatusCode::kInvalidArgument);
  };
  SearchRequest other = question;
  std::get<std::vector<float>>(other.query)[3] += 1e-3f;
  refused(other);
  other = question;
  other.limit = 11;
  refused(other);
  other = question;
  other.filter.must.push_back(Condition{HasId{{PointId::Number(1)}}});
  refused(other);
  other = question;
  other.score_threshold = 1;
  refused(other);
}

TEST_F(Acceptance26, HitsThatAreNoLongerReadableAreNamed) {
  Fill();
  const SearchRequest question = Question();
  const std::string receipt = Ask(question);
  SchemaChange change;
  change.optimizer = OptimizerConfig{.growing_rows_max = 512, .history_window_s = 1};
  ASSERT_TRUE(database_->AlterCollection("c", change).ok());
  const auto hits = receipts().Verify(receipt)->hits;
  ASSERT_TRUE(Get()->Write({.ops = {DeletePoints{std::vector{hits[2].id, hits[5].id}}}}).ok());
  // What is there under its id is another version.
  UpsertPoints again;
  again.points.push_back({hits[7].id, {{"", Vector()}}, Value(), {}});
  ASSERT_TRUE(Get()->Write({.ops = {std::move(again)}}).ok());
  clock_.AdvanceMs(60'000);
  ASSERT_TRUE(Get()->Write({.ops = {DeletePoints{std::vector{PointId::Number(kPoints)}}}}).ok());
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  const ReceiptReplay replay = Replay(receipt, question);
  EXPECT_FALSE(replay.readable);
  EXPECT_NE(replay.reason, "");
  EXPECT_EQ(replay.gone, (std::vector{hits[2].id, hits[5].id, hits[7].id}));
}

TEST_F(Acceptance26, ALaterCollectionOfTheSameNameIsNotTheReceipts) {
  Fill();
  const SearchRequest question = Question();
  const std::string receipt = Ask(question);
  ASSERT_TRUE(*database_->DropCollection("c"));
  EXPECT_EQ(Replay(receipt, question).gone.size(), 10u);
  CollectionSchema schema;
  schema.vectors[""] = VectorSchema{.dim = kDim, .metric = Metric::kEuclid};
  schema.shard_count = 2;
  ASSERT_TRUE(database_->CreateCollection("c", schema).ok());
  Fill();
  const ReceiptReplay replay = Replay(receipt, question);
  EXPECT_FALSE(replay.readable);
  EXPECT_EQ(replay.gone.size(), 10u);
}

}  // namespace
}  // namespace lineal::engine
