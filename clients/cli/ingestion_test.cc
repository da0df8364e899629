#include "clients/cli/ingestion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <mutex>

#include "base/file_system.h"
#include "base/status.h"
#include "clients/cli/checkpoint.h"
#include "clients/cli/progress.h"

namespace lineal::cli {
namespace {

using testing::HasSubstr;

std::string WriteRecords(const std::string& name, int count, int bad_at = -1) {
  const std::string path = testing::TempDir() + "/" + name;
  std::ofstream file(path);
  for (int i = 0; i < count; ++i) {
    if (i == bad_at) {
      file << "{broken\n";
    } else {
      file << R"({"id":)" << i << R"(,"text":"t)" << i << R"(","vector":[)" << i << ",1]}\n";
    }
  }
  return path;
}

// What was written, by every writer.
struct Store {
  std::mutex mutex;
  std::map<uint64_t, std::vector<float>> points;
  uint64_t writes = 0;
  uint64_t fail_from = UINT64_MAX;  // the write with this number fails, and all after it

  absl::Status Write(const std::vector<ShapedPoint>& batch) {
    std::lock_guard lock(mutex);
    if (writes++ >= fail_from) return absl::InternalError("the store is broken");
    for (const ShapedPoint& point : batch) points[point.id.number()] = point.vectors[0].values;
    return absl::OkStatus();
  }
};

class StoreWriter : public PointWriter {
 public:
  explicit StoreWriter(Store* store) : store_(store) {}
  absl::Status Write(const std::vector<ShapedPoint>& points) override { return store_->Write(points); }

 private:
  Store* store_;
};

class LengthEmbedder : public Embedder {
 public:
  absl::StatusOr<std::vector<std::vector<float>>> Embed(const std::vector<std::string>& texts) override {
    std::vector<std::vector<float>> out;
    for (const std::string& text : texts) out.push_back({static_cast<float>(text.size()), 1, 2});
    return out;
  }
};

struct Fixture {
  Store store;
  ReadPosition acknowledged;
  size_t dim = 0;
  std::vector<std::string> skipped;
  IngestionParts parts;

  Fixture() {
    parts.make_writer = [this]() -> absl::StatusOr<std::unique_ptr<PointWriter>> {
      return std::make_unique<StoreWriter>(&store);
    };
    parts.before_first = [this](size_t components) {
      dim = components;
      return absl::OkStatus();
    };
    parts.acknowledged = [this](const ReadPosition& position, uint64_t) {
      EXPECT_GE(position.rows, acknowledged.rows);
      acknowledged = position;
    };
    parts.skipped = [this](const absl::Status& status) { skipped.emplace_back(MessageOf(status)); };
  }
};

TEST(Ingest, WritesEveryRecordOnceOverManyLanes) {
  const std::string path = WriteRecords("many.jsonl", 1000);
  Fixture fixture;
  auto reader = *OpenRecords(path, {});
  const auto summary = Ingest(reader.get(), {.batch = 7, .parallel = 5}, fixture.parts);
  ASSERT_TRUE(summary.ok()) << MessageOf(summary.status());
  EXPECT_EQ(summary->records, 1000u);
  EXPECT_EQ(fixture.store.points.size(), 1000u);
  EXPECT_EQ(fixture.store.writes, 143u);
  EXPECT_EQ(fixture.acknowledged.rows, 1000u);
  EXPECT_EQ(fixture.dim, 2u);
}

TEST(Ingest, EmbedsTexts) {
  const std::string path = WriteRecords("texts.jsonl", 20);
  Fixture fixture;
  fixture.parts.make_embedder = []() -> absl::StatusOr<std::unique_ptr<Embedder>> {
    return std::make_unique<LengthEmbedder>();
  };
  auto reader = *OpenRecords(path, {});
  const auto summary = Ingest(reader.get(), {.shape = {.embed_fields = {"text"}}, .batch = 6}, fixture.parts);
  ASSERT_TRUE(summary.ok()) << MessageOf(summary.status());
  EXPECT_EQ(fixture.dim, 3u);
  EXPECT_EQ(fixture.store.points.at(15)[0], 3);
}

TEST(Ingest, StopsAtABadRecordUnlessToldToPassOver) {
  const std::string path = WriteRecords("bad.jsonl", 50, 33);
  Fixture fixture;
  auto reader = *OpenRecords(path, {});
  const auto stopped = Ingest(reader.get(), {.batch = 10}, fixture.parts);
  EXPECT_THAT(std::string(MessageOf(stopped.status())), HasSubstr("record 34"));
  EXPECT_EQ(fixture.store.points.size(), 30u);

  Fixture passing;
  reader = *OpenRecords(path, {});
  const auto summary = Ingest(reader.get(), {.batch = 10, .skip_bad = true}, passing.parts);
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(summary->records, 49u);
  EXPECT_EQ(summary->skipped, 1u);
  EXPECT_EQ(passing.skipped.size(), 1u);
}

TEST(Ingest, GoesOnFromWhatWasAcknowledgedAfterAFailure) {
  const std::string path = WriteRecords("resume.jsonl", 500);
  Fixture fixture;
  fixture.store.fail_from = 20;
  auto reader = *OpenRecords(path, {});
  const auto failed = Ingest(reader.get(), {.batch = 10, .parallel = 3}, fixture.parts);
  EXPECT_EQ(MessageOf(failed.status()), "the store is broken");
  const ReadPosition at = fixture.acknowledged;
  EXPECT_GE(at.rows, 10u);
  EXPECT_LE(at.rows, 200u);
  // Everything before the position is there, whatever order the lanes ended in.
  for (uint64_t i = 0; i < at.rows; ++i) EXPECT_TRUE(fixture.store.points.contains(i)) << i;

  fixture.store.fail_from = UINT64_MAX;
  reader = *OpenRecords(path, {});
  ASSERT_TRUE(reader->Seek(at).ok());
  const auto summary = Ingest(reader.get(), {.batch = 10, .parallel = 3}, fixture.parts);
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(summary->records, 500 - at.rows);
  EXPECT_EQ(fixture.store.points.size(), 500u);
}

TEST(Ingest, AnEmptyFileIsNoError) {
  Fixture fixture;
  auto reader = *OpenRecords(WriteRecords("none.jsonl", 0), {});
  EXPECT_EQ(Ingest(reader.get(), {}, fixture.parts)->records, 0u);
  EXPECT_EQ(fixture.store.writes, 0u);
}

TEST(AckTracker, MovesOnlyOverWhatHasEndedWithoutAGap) {
  AckTracker tracker({.rows = 5});
  tracker.Done(2, {.rows = 35});
  tracker.Done(1, {.rows = 25});
  EXPECT_EQ(tracker.watermark().rows, 5u);
  tracker.Done(0, {.rows = 15});
  EXPECT_EQ(tracker.watermark().rows, 35u);
}

TEST(CheckpointFile, IsForOneInputAndOneCollection) {
  const std::string input = WriteRecords("input.jsonl", 10);
  const std::string path = testing::TempDir() + "/input.resume";
  FileSystem* files = PosixFileSystem();
  ASSERT_TRUE(files->Remove(path).ok());
  Checkpoint checkpoint = *CheckpointFor(input, "docs");
  EXPECT_FALSE(LoadCheckpoint(files, path, checkpoint)->has_value());
  checkpoint.position = {.rows = 4, .offset = 120, .payload_offset = 7};
  ASSERT_TRUE(SaveCheckpoint(files, path, checkpoint).ok());
  EXPECT_EQ(**LoadCheckpoint(files, path, *CheckpointFor(input, "docs")), checkpoint.position);
  EXPECT_THAT(std::string(MessageOf(LoadCheckpoint(files, path, *CheckpointFor(input, "other")).status())),
              HasSubstr("another collection"));
  WriteRecords("input.jsonl", 11);
  EXPECT_THAT(std::string(MessageOf(LoadCheckpoint(files, path, *CheckpointFor(input, "docs")).status())),
              HasSubstr("has changed"));
  ASSERT_TRUE(files->WriteAtomically(path, "nonsense").ok());
  EXPECT_THAT(std::string(MessageOf(LoadCheckpoint(files, path, checkpoint).status())), HasSubstr("no checkpoint"));
}

TEST(Progress, DrawsABarOnATerminalAndLinesElsewhere) {
  for (bool terminal : {true, false}) {
    FakeClock clock;
    std::string out;
    Progress progress(
        {.label = "docs", .terminal = terminal, .clock = &clock, .write = [&](std::string_view text) { out += text; }});
    progress.Update(0, 0);
    clock.AdvanceMs(10'000);
    progress.Update(1000, 0.25);
    EXPECT_THAT(out, HasSubstr("25 %  1,000 points  100/s  30 s left"));
    EXPECT_EQ(out.find("█") != std::string::npos, terminal);
    clock.AdvanceMs(10);
    const size_t before = out.size();
    progress.Update(1001, 0.26);
    EXPECT_EQ(out.size(), before);
    progress.Update(4000, 1);
    progress.Finish();
    EXPECT_THAT(out, HasSubstr("100 %  4,000 points"));
    EXPECT_EQ(out.back(), '\n');
  }
}

}  // namespace
}  // namespace lineal::cli
