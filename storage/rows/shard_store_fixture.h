// A shard's data on a disk that can be broken, for this module's tests.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/temporary_directory.h"
#include "gtest/gtest.h"
#include "storage/faults/fake_space.h"
#include "storage/faults/fault_file_system.h"
#include "storage/rows/shard_store.h"

namespace lineal::storage {

class ShardStoreFixture : public testing::Test {
 protected:
  static constexpr uint64_t kRoomy = 1ull << 33;

  ShardStoreFixture() {
    ResourceOptions options;
    options.disk_reserve_bytes = 1 << 20;
    options.space_sample_ms = 0;
    options.rocks_file_system = faults_;
    auto made = RocksResources::Create(directory_.path(), &files_, options);
    EXPECT_TRUE(made.ok()) << made.status();
    resources_ = *std::move(made);
  }

  absl::Status TryOpen(const std::string& name = "shard") {
    store_.reset();
    auto opened = ShardStore::Open(directory_.Sub(name), resources_.get(), options_);
    if (opened.ok()) store_ = *std::move(opened);
    return opened.status();
  }
  void Open(const std::string& name = "shard") {
    absl::Status status = TryOpen(name);
    ASSERT_TRUE(status.ok()) << status;
  }

  static LogHead Head(uint64_t seq) {
    LogHead head;
    head.seq = Seq{seq};
    head.wall_ms = static_cast<int64_t>(seq);
    head.chain_hash[0] = static_cast<uint8_t>(seq);
    head.chain_hash[1] = static_cast<uint8_t>(seq >> 8);
    return head;
  }

  // What one upsert does: seq N starts row N for point N % 50, which ends the row that the point had.
  absl::Status Upsert(uint64_t seq, size_t row_bytes = 200) {
    constexpr uint64_t kPoints = 50;
    auto batch = store_->NewBatch();
    const RowId row{seq};
    batch->PutRow(row, Value("row", seq, row_bytes));
    batch->PutPayload(row, Seq{seq}, Value("payload", seq, 40));
    batch->PutPid(PointId::Number(seq % kPoints), {row, Seq{seq}, kSeqMax});
    ChangeRecord change;
    change.born = {row};
    if (seq > kPoints) {
      batch->PutDied(RowId{seq - kPoints}, Seq{seq});
      change.died = {RowId{seq - kPoints}};
    }
    change.wall_ms = Head(seq).wall_ms;
    change.chain_hash = Head(seq).chain_hash;
    batch->PutChange(Seq{seq}, change);
    return store_->Commit(std::move(batch), Head(seq));
  }
  static std::string Value(std::string_view kind, uint64_t seq, size_t bytes) {
    std::string value = StrCat(kind, seq, "|");
    uint64_t state = seq;
    while (value.size() < bytes) PutNoise(&value, &state);
    return value;
  }

  // The store is what the upserts up to applied() made of it, no more and no less.
  void ExpectWhole() {
    const uint64_t applied = Raw(store_->applied().seq);
    uint64_t rows = 0;
    ASSERT_TRUE(store_
                    ->ScanRows(RowId{0},
                               [&](RowId row, std::string_view value) {
                                 ++rows;
                                 EXPECT_EQ(Raw(row), rows);
                                 EXPECT_TRUE(value.starts_with(StrCat("row", Raw(row), "|")));
                                 return true;
                               })
                    .ok());
    EXPECT_EQ(rows, applied);
    EXPECT_EQ(Problems(), std::vector<std::string>());
  }
  std::vector<std::string> Problems() {
    std::vector<std::string> problems;
    EXPECT_TRUE(store_->Verify([&](const std::string& problem) { problems.push_back(problem); }).ok());
    return problems;
  }

  TemporaryDirectory directory_;
  ShardStoreOptions options_;
  FakeSpaceFileSystem files_{PosixFileSystem(), {.total_bytes = kRoomy, .free_bytes = kRoomy}};
  std::shared_ptr<FaultFileSystem> faults_ = std::make_shared<FaultFileSystem>();
  std::unique_ptr<RocksResources> resources_;
  std::unique_ptr<ShardStore> store_;

 private:
  static void PutNoise(std::string* out, uint64_t* state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    out->append(reinterpret_cast<const char*>(state), sizeof *state);
  }
};

}  // namespace lineal::storage
