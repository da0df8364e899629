// Random operations on a collection and on a model of it, with restarts, background work and schema changes between
// them. Invariants: every exact read agrees with the model, now and at every remembered seq; a refused request changes
// nothing; what storage verifies is sound at the end. LINEAL_MODEL_OPS and LINEAL_MODEL_SEED make it longer or another.
#include <cstdlib>
#include <filesystem>

#include "base/random.h"
#include "base/status.h"
#include "base/temporary_directory.h"
#include "engine/database/local_database.h"
#include "gtest/gtest.h"
#include "tests/property/collection_model.h"

namespace lineal::engine {
namespace {

constexpr uint32_t kDim = 6;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class ModelRun {
 public:
  ModelRun(uint64_t seed, uint32_t shards) : random_(seed) {
    Open();
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = kDim, .metric = Metric::kEuclid};
    schema.vectors["side"] = VectorSchema{.dim = 3, .metric = Metric::kEuclid};
    schema.shard_count = shards;
    schema.optimizer.growing_rows_max = 64;
    schema.optimizer.indexing_threshold_kb = 0;
    schema.optimizer.history_window_s = 1'000'000;
    if (random_.OneIn(2)) schema.fields["tag"] = FieldSchema{.type = FieldType::kKeyword};
    EXPECT_TRUE(database_->CreateCollection("c", schema).ok());
  }

  void Run(uint64_t operations) {
    for (uint64_t i = 0; i < operations && !::testing::Test::HasFailure(); ++i) {
      clock_.AdvanceMs(static_cast<int64_t>(random_.Below(50)));
      const uint64_t dice = random_.Below(100);
      if (dice < 60) {
        Write();
      } else if (dice < 94) {
        Read();
      } else if (dice < 97) {
        ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
      } else if (dice < 99) {
        database_.reset();
        Open();
      } else {
        ChangeSchema();
      }
    }
    VerifyAll();
  }

 private:
  void Open() {
    options_.directory = directory_.Sub("data");
    options_.optimizer_enabled = false;
    options_.clock = &clock_;
    options_.resources.disk_reserve_bytes = 1 << 20;
    auto opened = LocalDatabase::Open(options_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    database_ = *std::move(opened);
  }
  std::shared_ptr<Collection> collection() { return *database_->GetCollection("c"); }

  PointId RandomId() {
    const uint64_t n = random_.Below(150);
    return n % 5 == 0 ? PointId::Uuid(7, n) : PointId::Number(n);
  }
  std::vector<PointId> RandomIds() {
    std::vector<PointId> ids;
    for (uint64_t i = 0; i < 1 + random_.Below(4); ++i) ids.push_back(RandomId());
    return ids;
  }
  std::vector<float> RandomVector(uint32_t dim) {
    std::vector<float> values(dim);
    for (float& x : values) x = static_cast<float>(random_.Below(2000)) / 16.0f;
    return values;
  }
  Value RandomPayload() {
    static const char* kTags[] = {"red", "green", "blue"};
    Value payload = Value::EmptyObject();
    if (!random_.OneIn(4)) payload.Set("tag", Value(kTags[random_.Below(3)]));
    if (!random_.OneIn(4)) payload.Set("n", Value(static_cast<int64_t>(random_.Below(10))));
    if (random_.OneIn(3)) payload.Set("text", Value(std::string(random_.Below(3000), 'x')));
    return payload;
  }
  ModelFilter RandomFilter() {
    static const char* kTags[] = {"red", "green", "blue"};
    ModelFilter filter;
    if (random_.OneIn(2)) filter.tag = kTags[random_.Below(3)];
    if (random_.OneIn(2)) filter.number_gte = static_cast<int64_t>(random_.Below(10));
    if (random_.OneIn(4)) filter.ids = RandomIds();
    filter.negated = random_.OneIn(4);
    return filter;
  }
  PointInput RandomPoint() {
    PointInput point;
    point.id = RandomId();
    if (!random_.OneIn(8)) point.vectors.push_back({"", RandomVector(kDim)});
    if (random_.OneIn(3)) point.vectors.push_back({"side", RandomVector(3)});
    point.payload = RandomPayload();
    return point;
  }
  PointSelector RandomSelector(std::optional<ModelFilter>* filter) {
    // A request over shards that names a missing point may take effect in part; the model is of one shard's promise.
    if (random_.OneIn(2) || shards() > 1) {
      *filter = RandomFilter();
      return (*filter)->ToFilter();
    }
    return RandomIds();
  }
  size_t shards() { return (*collection()->Info()).seqs.size(); }

  WriteOp RandomOp(std::optional<ModelFilter>* filter) {
    switch (random_.Below(12)) {
      case 0:
        return DeletePoints{random_.OneIn(3) ? RandomSelector(filter) : PointSelector(RandomIds())};
      case 1:
        if (shards() == 1) return UpdateVectors{{PointInput{RandomId(), {{"", RandomVector(kDim)}}, nullptr}}};
        return UpsertPoints{{RandomPoint()}};
      case 2:
        return DeleteVectors{RandomSelector(filter), {"side"}};
      case 3:
      case 4:
        return SetPayload{RandomSelector(filter), RandomPayload(), ""};
      case 5:
        return OverwritePayload{RandomSelector(filter), RandomPayload()};
      case 6:
        return DeletePayload{RandomSelector(filter), {"tag"}};
      case 7:
        return ClearPayload{RandomSelector(filter)};
      default: {
        UpsertPoints op;
        // Ids in one list are unique here: of equal ones the last stays, which the model would apply in turn as well.
        for (uint64_t i = 0; i < 1 + random_.Below(20); ++i) op.points.push_back(RandomPoint());
        return op;
      }
    }
  }

  void Write() {
    WriteRequest request;
    std::vector<std::optional<ModelFilter>> filters;
    const uint64_t count = random_.OneIn(4) ? 1 + random_.Below(4) : 1;
    for (uint64_t i = 0; i < count; ++i) request.ops.push_back(RandomOp(&filters.emplace_back()));
    std::map<const WriteOp*, ModelFilter> by_op;
    for (uint64_t i = 0; i < count; ++i) {
      if (filters[i]) by_op[&request.ops[i]] = *filters[i];
    }
    const bool expected = model_.Apply(request, by_op);
    auto result = collection()->Write(request);
    ASSERT_EQ(result.ok(), expected) << result.status();
    if (shards() == 1 && result.ok() && random_.OneIn(8)) model_.Remember(Seq{result->operation_id});
  }

  void Read() {
    const CollectionModel::State* state = &model_.state();
    ReadOptions options;
    if (!model_.history().empty() && random_.OneIn(3)) {
      auto it = model_.history().begin();
      std::advance(it, static_cast<ptrdiff_t>(random_.Below(model_.history().size())));
      options.as_of_seq = {it->first};
      state = &it->second;
    }
    std::optional<ModelFilter> filter;
    if (random_.OneIn(2)) filter = RandomFilter();
    const ModelFilter* model_filter = filter ? &*filter : nullptr;
    const Filter real_filter = filter ? filter->ToFilter() : Filter{};
    SCOPED_TRACE(StrCat(options.as_of_seq.empty() ? "now" : "as of an older seq", filter && filter->tag ? ", tag" : "",
                        filter && filter->number_gte ? ", number" : "", filter && !filter->ids.empty() ? ", ids" : "",
                        filter && filter->negated ? ", negated" : ""));
    switch (random_.Below(3)) {
      case 0:
        return CheckSearch(*state, model_filter, real_filter, options);
      case 1:
        return CheckScroll(*state, model_filter, real_filter, options);
      default:
        return CheckCount(*state, model_filter, real_filter, options);
    }
  }

  void CheckSearch(const CollectionModel::State& state, const ModelFilter* filter, const Filter& real,
                   const ReadOptions& options) {
    SearchRequest request;
    request.vector_name = random_.OneIn(3) ? "side" : "";
    const std::vector<float> query = RandomVector(request.vector_name.empty() ? kDim : 3);
    request.query = query;
    request.filter = real;
    request.exact = true;
    request.limit = 1 + random_.Below(30);
    request.read = options;
    auto found = collection()->Search(request);
    ASSERT_TRUE(found.ok()) << found.status();
    auto expected = CollectionModel::Nearest(state, filter, request.vector_name, query);
    ASSERT_EQ(found->size(), std::min<size_t>(expected.size(), request.limit));
    for (size_t i = 0; i < found->size(); ++i) {
      ASSERT_NEAR((*found)[i].score, std::sqrt(expected[i].first), 1e-2) << "place " << i;
    }
  }
  void CheckScroll(const CollectionModel::State& state, const ModelFilter* filter, const Filter& real,
                   const ReadOptions& options) {
    const std::vector<PointId> expected = CollectionModel::Matching(state, filter);
    std::vector<PointId> seen;
    ScrollRequest request;
    request.filter = real;
    request.limit = 1 + random_.Below(60);
    request.with_vector.mode = VectorSelector::Mode::kAll;
    request.read = options;
    do {
      auto page = collection()->Scroll(request);
      ASSERT_TRUE(page.ok()) << page.status();
      for (const PointRecord& point : page->points) {
        seen.push_back(point.id);
        auto it = state.find(point.id);
        ASSERT_NE(it, state.end()) << point.id.ToString();
        ASSERT_EQ(*point.payload, it->second.payload) << point.id.ToString();
        ASSERT_EQ(point.vectors.size(), it->second.vectors.size()) << point.id.ToString();
        for (const NamedVector& vector : point.vectors) ASSERT_EQ(vector.values, it->second.vectors.at(vector.name));
      }
      request.offset = page->next_offset;
    } while (request.offset);
    ASSERT_EQ(Texts(seen), Texts(expected));
  }
  static std::vector<std::string> Texts(const std::vector<PointId>& ids) {
    std::vector<std::string> texts;
    for (const PointId& id : ids) texts.push_back(id.ToString());
    return texts;
  }
  void CheckCount(const CollectionModel::State& state, const ModelFilter* filter, const Filter& real,
                  const ReadOptions& options) {
    CountRequest request;
    request.filter = real;
    request.read = options;
    auto count = collection()->Count(request);
    ASSERT_TRUE(count.ok()) << count.status();
    ASSERT_EQ(*count, CollectionModel::Matching(state, filter).size());
  }

  void ChangeSchema() {
    SchemaChange change;
    const char* key = random_.OneIn(2) ? "tag" : "n";
    if (random_.OneIn(3)) {
      change.drop_fields = {key};
    } else {
      change.add_fields[key] = FieldSchema{.type = *key == 't' ? FieldType::kKeyword : FieldType::kInteger};
    }
    absl::Status status = database_->AlterCollection("c", change);
    ASSERT_TRUE(status.ok()) << status;
  }

  void VerifyAll() {
    database_.reset();
    std::vector<std::string> problems;
    absl::Status status = VerifyDirectory(options_, [&](const std::string& problem) { problems.push_back(problem); });
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_TRUE(problems.empty()) << problems.front();
    Open();
  }

  Random random_;
  FakeClock clock_;
  DatabaseOptions options_;
  const TemporaryDirectory directory_;
  std::unique_ptr<LocalDatabase> database_;
  CollectionModel model_;
};

TEST(CollectionModel, AgreesWithOneShardThroughRestartsAndBackgroundWork) {
  const uint64_t seed = FromEnvironment("LINEAL_MODEL_SEED", 1);
  for (uint64_t run = 0; run < 2; ++run) {
    SCOPED_TRACE(StrCat("seed ", seed + run));
    ModelRun(seed + run, 1).Run(FromEnvironment("LINEAL_MODEL_OPS", 600));
  }
}

TEST(CollectionModel, AgreesWithSeveralShards) {
  const uint64_t seed = FromEnvironment("LINEAL_MODEL_SEED", 1) + 100;
  SCOPED_TRACE(StrCat("seed ", seed));
  ModelRun(seed, 3).Run(FromEnvironment("LINEAL_MODEL_OPS", 250));
}

}  // namespace
}  // namespace lineal::engine
