#include "storage/log/log_entry.h"

#include "base/status.h"
#include "gtest/gtest.h"

namespace lineal::storage {
namespace {

LogEntry Sample() {
  LogEntry entry;
  entry.epoch = 3;
  entry.seq = Seq{41'902};
  entry.wall_ms = 1'700'000'000'123;
  entry.request_id = "r";
  entry.principal = "p";
  entry.ingest_context = 5;
  entry.body = "the body";
  entry.body_digest = Sha256(entry.body);
  entry.chain_hash = ChainHash({}, entry);
  return entry;
}

TEST(LogEntry, ReadsBackWhatItWrote) {
  const LogEntry entry = Sample();
  auto read = DecodeEntry(EncodeEntry(entry));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(EncodeEntry(*read), EncodeEntry(entry));
  EXPECT_EQ(read->seq, entry.seq);
  EXPECT_EQ(read->body, entry.body);
}

TEST(LogEntry, NoticesEveryFlippedBit) {
  const std::string good = EncodeEntry(Sample());
  for (size_t i = 0; i < good.size() * 8; ++i) {
    std::string bad = good;
    bad[i / 8] = static_cast<char>(bad[i / 8] ^ 1 << i % 8);
    EXPECT_EQ(DecodeEntry(bad).status().code(), absl::StatusCode::kDataLoss) << "bit " << i;
  }
}

TEST(LogEntry, NoticesEveryTruncation) {
  const std::string good = EncodeEntry(Sample());
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(DecodeEntry(good.substr(0, size)).status().code(), absl::StatusCode::kDataLoss) << size;
  }
  EXPECT_FALSE(DecodeEntry(good + "x").ok());
}

TEST(LogEntry, NamesAFormatItDoesNotKnow) {
  std::string newer = EncodeEntry(Sample());
  newer[0] = 7;
  EXPECT_NE(MessageOf(DecodeEntry(newer).status()).find("format 7"), std::string_view::npos);
}

TEST(LogEntry, ChainHashCoversEveryFieldOfTheHeader) {
  const LogEntry entry = Sample();
  const Digest hash = ChainHash({}, entry);
  auto differs = [&](auto change) {
    LogEntry other = entry;
    change(&other);
    return ChainHash({}, other) != hash;
  };
  EXPECT_TRUE(differs([](LogEntry* e) { ++e->epoch; }));
  EXPECT_TRUE(differs([](LogEntry* e) { e->seq = Next(e->seq); }));
  EXPECT_TRUE(differs([](LogEntry* e) { ++e->wall_ms; }));
  EXPECT_TRUE(differs([](LogEntry* e) { e->request_id = "other"; }));
  EXPECT_TRUE(differs([](LogEntry* e) { e->principal = "other"; }));
  EXPECT_TRUE(differs([](LogEntry* e) { ++e->ingest_context; }));
  EXPECT_TRUE(differs([](LogEntry* e) { e->body_digest[0] ^= 1; }));
  Digest previous{};
  previous[31] = 1;
  EXPECT_NE(ChainHash(previous, entry), hash);
}

}  // namespace
}  // namespace lineal::storage
