#include "engine/filter/field_index.h"

#include <gtest/gtest.h>

#include <atomic>

#include "base/coding.h"
#include "base/executor.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/status.h"
#include "engine/payload/json.h"

namespace lineal::engine {
namespace {

struct Image : MappedRegion, ByteSink {
  std::string held;
  Image() = default;
  explicit Image(std::string bytes) : held(std::move(bytes)) {}
  std::string_view bytes() const override { return held; }
  absl::Status Append(std::string_view more) override {
    held.append(more);
    return absl::OkStatus();
  }
  uint64_t size() const override { return held.size(); }
};

FieldSchema Schema(FieldType type) {
  FieldSchema schema;
  schema.type = type;
  return schema;
}
std::string ImageOf(FieldType type, const std::vector<std::string>& payloads) {
  auto builder = FieldIndexBuilder::Create("a", Schema(type));
  for (const auto& json : payloads) builder->Append(*ParseJson(json));
  Image image;
  EXPECT_TRUE(builder->Save(&image).ok());
  return image.held;
}
absl::StatusOr<std::unique_ptr<FieldIndex>> Load(std::string bytes, FieldType type, std::string_view key = "a") {
  return LoadFieldIndex(std::make_shared<Image>(std::move(bytes)), key, Schema(type));
}
std::string WithFreshChecksum(std::string bytes) {
  uint32_t crc = Crc32c(std::string_view(bytes).substr(0, bytes.size() - 8));
  std::string trailer;
  PutFixed(&trailer, crc);
  return bytes.replace(bytes.size() - 8, 4, trailer);
}

constexpr FieldType kTypes[] = {FieldType::kKeyword,  FieldType::kInteger, FieldType::kFloat, FieldType::kBool,
                                FieldType::kDatetime, FieldType::kUuid,    FieldType::kText};
const std::vector<std::string> kPayloads = {R"({"a":"red fox"})",
                                            R"({"a":5})",
                                            R"({"a":[2.5,7,7]})",
                                            R"({"a":[true,"blue"]})",
                                            R"({"a":"2024-01-31"})",
                                            R"({"a":null})",
                                            "{}",
                                            R"({"a":[]})",
                                            R"({"a":[null,false]})",
                                            R"({"a":["x","red"]})",
                                            R"({"a":"red"})",
                                            R"({"a":false})"};

TEST(FieldIndex, SavesTheSameBytesForTheSameRows) {
  for (FieldType type : kTypes) EXPECT_EQ(ImageOf(type, kPayloads), ImageOf(type, kPayloads));
}

TEST(FieldIndex, LoadsAnIndexOfNoRows) {
  for (FieldType type : kTypes) {
    auto index = Load(ImageOf(type, {}), type);
    ASSERT_TRUE(index.ok()) << index.status();
    EXPECT_TRUE((*index)->Empty(0)->isEmpty());
  }
}

TEST(FieldIndex, CountsRowsThatHaveAValueOfItsType) {
  EXPECT_EQ((*Load(ImageOf(FieldType::kInteger, kPayloads), FieldType::kInteger))->rows_with_value(), 2u);
  EXPECT_EQ((*Load(ImageOf(FieldType::kBool, kPayloads), FieldType::kBool))->rows_with_value(), 3u);
}

TEST(FieldIndex, LeavesWhatItCannotAnswerUnanswered) {
  auto keyword = *Load(ImageOf(FieldType::kKeyword, kPayloads), FieldType::kKeyword);
  EXPECT_FALSE(keyword->Match({"a", Range{}}, 12));
  EXPECT_FALSE(keyword->Match({"a", MatchValue{int64_t{5}}}, 12));
  EXPECT_FALSE(keyword->Match({"a", MatchExcept{{std::string("red"), int64_t{5}}}}, 12));
  auto text = *Load(ImageOf(FieldType::kText, kPayloads), FieldType::kText);
  EXPECT_FALSE(text->Match({"a", MatchValue{"red"}}, 12));
  EXPECT_EQ(text->Match({"a", MatchText{"RED"}}, 12)->cardinality(), 3u);
}

TEST(FieldIndex, RefusesAnImageOfAnotherKeyOrType) {
  std::string image = ImageOf(FieldType::kInteger, kPayloads);
  EXPECT_EQ(Load(image, FieldType::kFloat).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Load(image, FieldType::kInteger, "b").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(Load(image, FieldType::kInteger).ok());
}

TEST(FieldIndex, RefusesEverySingleDamagedByteAndEveryCut) {
  for (FieldType type : kTypes) {
    std::string image = ImageOf(type, kPayloads);
    for (size_t i = 0; i < image.size(); ++i) {
      std::string damaged = image;
      damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
      EXPECT_EQ(Load(damaged, type).status().code(), absl::StatusCode::kDataLoss) << i;
      EXPECT_EQ(Load(image.substr(0, i), type).status().code(), absl::StatusCode::kDataLoss) << i;
    }
    EXPECT_FALSE(Load(image + '\0', type).ok());
  }
}

TEST(FieldIndex, SurvivesDamageThatTheChecksumDoesNotShow) {
  Random random(4);
  for (FieldType type : kTypes) {
    std::string image = ImageOf(type, kPayloads);
    for (int i = 0; i < 3'000; ++i) {
      std::string damaged = image;
      for (uint64_t n = random.Below(3); n <= 2; ++n) {
        damaged[random.Below(damaged.size() - 8)] =
            static_cast<char>(random.OneIn(2) ? random.Below(4) : random.Next());
      }
      auto index = Load(WithFreshChecksum(damaged), type);
      if (!index.ok()) {
        EXPECT_EQ(index.status().code(), absl::StatusCode::kDataLoss);
        continue;
      }
      for (const FieldCondition& condition :
           {FieldCondition{"a", MatchValue{"red"}}, FieldCondition{"a", MatchExcept{{std::string("red")}}},
            FieldCondition{"a", MatchExcept{{true}}}, FieldCondition{"a", MatchExcept{{int64_t{7}}}},
            FieldCondition{"a", Range{.gt = 1}}, FieldCondition{"a", DatetimeRange{}},
            FieldCondition{"a", MatchText{"red fox"}}}) {
        auto match = (*index)->Match(condition, 12);
        if (!match) continue;
        EXPECT_TRUE(match->isEmpty() || match->maximum() < 12);
      }
    }
  }
}

TEST(FieldIndex, AnswersFromADenseFieldOfManyRows) {
  auto builder = FieldIndexBuilder::Create("a", Schema(FieldType::kBool));
  constexpr uint32_t kRows = 200'000;
  Random random(8);
  RowSet truth;
  for (uint32_t row = 0; row < kRows; ++row) {
    bool flag = random.OneIn(2);
    if (flag) truth.add(row);
    builder->Append(Value(Value::Object{{"a", Value(flag)}}));
  }
  Image image;
  ASSERT_TRUE(builder->Save(&image).ok());
  auto index = *Load(image.held, FieldType::kBool);
  EXPECT_TRUE(*index->Match({"a", MatchValue{true}}, kRows) == truth);
  EXPECT_TRUE(*index->Match({"a", MatchExcept{{false}}}, kRows) == truth);
  EXPECT_LT(image.held.size(), kRows / 2);
  EXPECT_LT(index->memory_bytes(), kRows);
}

TEST(FieldColumn, ShowsReadersTheRowsBelowTheirCountWhileItGrows) {
  constexpr uint32_t kRows = 20'000;
  for (FieldType type : {FieldType::kKeyword, FieldType::kInteger, FieldType::kText}) {
    auto column = FieldColumn::Create("a", Schema(type), kRows);
    std::atomic<uint32_t> rows{0};
    std::atomic<bool> wrong{false};
    FieldCondition condition{"a", MatchValue{"v3"}};
    if (type == FieldType::kInteger) condition.test = MatchValue{int64_t{3}};
    if (type == FieldType::kText) condition.test = MatchText{"v3"};
    Executor executor("readers", 1);
    ASSERT_TRUE(executor.Submit([&] {
      uint32_t seen = 0;
      while (seen < kRows) {
        seen = rows.load(std::memory_order_acquire);
        // Rows 3, 13, 23, ... hold it.
        if (column->Match(condition, seen)->cardinality() != (seen + 6) / 10) wrong = true;
        if (!column->Empty(seen)->isEmpty()) wrong = true;
      }
    }));
    for (uint32_t row = 0; row < kRows; ++row) {
      Value value = type == FieldType::kInteger ? Value(int64_t{row % 10}) : Value(StrCat("v", row % 10));
      column->Append(Value(Value::Object{{"a", value}}));
      rows.store(row + 1, std::memory_order_release);
    }
    executor.Stop();
    EXPECT_FALSE(wrong);
    EXPECT_EQ(column->rows_with_value(), kRows);
    EXPECT_GT(column->memory_bytes(), kRows * 8u);
  }
}

}  // namespace
}  // namespace lineal::engine
