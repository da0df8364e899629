// What a database charges to its ledger, and when it gives it back.
#include <map>

#include "engine/database/database_fixture.h"
#include "engine/database/local_database.h"
#include "gtest/gtest.h"

namespace lineal::engine {
namespace {

constexpr uint32_t kDim = 32;
constexpr uint64_t kRows = 12'000;

class MemoryTest : public ::testing::Test, protected DatabaseFixture {
 protected:
  MemoryTest() {
    options_.clock = &clock_;
    options_.process_bytes = 1'234;
    Open();
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = kDim, .metric = Metric::kEuclid};
    schema.fields["n"] = FieldSchema{.type = FieldType::kInteger};
    schema.optimizer.growing_rows_max = 8'192;
    schema.optimizer.indexing_threshold_kb = 1;
    schema.optimizer.history_window_s = 0;
    EXPECT_TRUE(database_->CreateCollection("docs", schema).ok());
    collection_ = *database_->GetCollection("docs");
  }

  void Put(uint64_t begin, uint64_t end) {
    WriteRequest request;
    UpsertPoints upsert;
    for (uint64_t i = begin; i < end; ++i) {
      std::vector<float> vector(kDim);
      for (uint32_t d = 0; d < kDim; ++d) vector[d] = static_cast<float>((i * (2 * d + 1)) % 1009);
      upsert.points.push_back(PointInput{
          PointId::Number(i), {{"", std::move(vector)}}, Value(Value::Object{{"n", Value(static_cast<int64_t>(i))}})});
    }
    request.ops.push_back(std::move(upsert));
    ASSERT_TRUE(collection_->Write(std::move(request)).ok());
  }

  std::map<std::string, uint64_t> Held() {
    auto memory = collection_->Memory();
    EXPECT_TRUE(memory.ok()) << memory.status();
    std::map<std::string, uint64_t> kinds;
    for (const MemoryLine& line : memory->held) kinds[line.kind] += line.bytes;
    return kinds;
  }
  std::map<std::string, uint64_t> Mapped() {
    auto memory = collection_->Memory();
    EXPECT_TRUE(memory.ok()) << memory.status();
    std::map<std::string, uint64_t> kinds;
    for (const MappedLine& line : memory->mapped) {
      kinds[line.kind] += line.bytes;
      EXPECT_LE(line.resident_bytes, line.bytes);
    }
    return kinds;
  }
  std::map<std::string, uint64_t> Shared() {
    std::map<std::string, uint64_t> kinds;
    for (const MemoryLedger::Line& line : database_->memory().Lines()) {
      if (line.owner.collection.empty()) kinds[line.owner.kind] = line.bytes;
    }
    return kinds;
  }

  std::shared_ptr<Collection> collection_;
};

TEST_F(MemoryTest, GrowingRowsAreChargedAsTheyCome) {
  Put(0, 1'000);
  auto held = Held();
  EXPECT_GE(held["vectors"], 1'000 * kDim * 4);
  EXPECT_LT(held["vectors"], 10'000 * kDim * 4);
  EXPECT_GE(held["rows"], 1'000 * 40u);
  EXPECT_GE(held["payload_index"], 1'000 * 8u);
  EXPECT_GT(held["memtables"], 0u);
  EXPECT_TRUE(Mapped().empty());
  Put(1'000, 5'000);
  EXPECT_GE(Held()["vectors"], 5'000 * kDim * 4);
}

TEST_F(MemoryTest, ASealedSegmentMapsItsVectorsAndKeepsItsCodes) {
  Put(0, kRows);
  const uint64_t growing = Held()["vectors"];
  ASSERT_TRUE(database_->OptimizeToEnd("docs").ok());
  const uint64_t sealed = 8'192;
  auto held = Held();
  EXPECT_LT(held["vectors"], growing);
  EXPECT_GE(held["codes"], sealed * kDim);
  auto mapped = Mapped();
  EXPECT_GE(mapped["vectors"], sealed * kDim * 4);
  EXPECT_GT(mapped["payload_index"], 0u);
  EXPECT_GT(held["lists"], sealed * kDim / 8);

  SchemaChange change;
  change.hnsw = HnswConfig{.index = IndexKind::kHnsw};
  ASSERT_TRUE(database_->AlterCollection("docs", change).ok());
  ASSERT_TRUE(database_->OptimizeToEnd("docs").ok());
  EXPECT_GT(Mapped()["graph"], sealed * 16 * 4);
  EXPECT_EQ(Held()["lists"], 0u);
}

TEST_F(MemoryTest, VacuumedAndDroppedMemoryIsGivenBack) {
  Put(0, kRows);
  ASSERT_TRUE(database_->OptimizeToEnd("docs").ok());
  const uint64_t codes = Held()["codes"];
  WriteRequest request;
  DeletePoints remove;
  std::vector<PointId> ids;
  for (uint64_t i = 0; i < 7'000; ++i) ids.push_back(PointId::Number(i));
  remove.points = ids;
  request.ops.push_back(std::move(remove));
  ASSERT_TRUE(collection_->Write(std::move(request)).ok());
  clock_.AdvanceMs(10'000);
  ASSERT_TRUE(database_->OptimizeToEnd("docs").ok());
  EXPECT_LT(Held()["codes"], codes - 7'000 * kDim);

  collection_.reset();
  ASSERT_TRUE(database_->DropCollection("docs").ok());
  for (const MemoryLedger::Line& line : database_->memory().Lines()) EXPECT_EQ(line.owner.collection, "");
}

TEST_F(MemoryTest, WhatIsSharedHasLinesOfItsOwn) {
  Put(0, 1'000);
  auto shared = Shared();
  EXPECT_EQ(shared["process"], 1'234u);
  EXPECT_GE(shared["change_log"], 1'000 * kDim * 4u);
  EXPECT_TRUE(shared.contains("catalogue"));
  database_->Stop();
  EXPECT_FALSE(Shared().contains("change_log"));
}

}  // namespace
}  // namespace lineal::engine
