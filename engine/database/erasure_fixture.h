// A collection of which some points are secret, and the search for their bytes in files.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/database/database_fixture.h"
#include "engine/database/open_database.h"
#include "gtest/gtest.h"

namespace lineal::engine {

inline constexpr char kMarker[] = "QUOKKA-77-MARKER";
inline constexpr uint32_t kDim = 8;

class ErasureFixture : public ::testing::Test, protected DatabaseFixture {
 protected:
  static std::vector<float> VectorOf(uint64_t id) {
    std::vector<float> vector(kDim);
    for (uint32_t i = 0; i < kDim; ++i) vector[i] = static_cast<float>((id * 7'919 + i * 104'729) % 99'991) / 3.0f;
    return vector;
  }
  static bool IsSecret(uint64_t id) { return id % 50 == 0; }
  static SourceVersion Secret() { return {"file", std::string("/home/") + kMarker, "1"}; }

  void Create(uint32_t shards = 1) {
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = kDim, .metric = Metric::kEuclid};
    schema.fields["text"] = FieldSchema{.type = FieldType::kKeyword};
    schema.shard_count = shards;
    ASSERT_TRUE(database_->CreateCollection("c", schema).ok());
  }
  void Load(uint64_t begin, uint64_t end) {
    constexpr uint64_t kTogether = 1'000;
    for (uint64_t first = begin; first < end; first += kTogether) {
      UpsertPoints op;
      for (uint64_t id = first; id < std::min(end, first + kTogether); ++id) {
        Value payload = Value::EmptyObject();
        payload.Set("text", Value(IsSecret(id) ? std::string(kMarker) + " of a person" : std::string("plain")));
        if (IsSecret(id)) payload.Set("subject", Value(std::string(kMarker)));
        const SourceVersion source = IsSecret(id) ? Secret() : SourceVersion{"file", "/public", "1"};
        op.points.push_back({PointId::Number(id), {{"", VectorOf(id)}}, std::move(payload), PointSource{source, 0}});
      }
      const auto written = Get()->Write({.ops = {std::move(op)}});
      ASSERT_TRUE(written.ok()) << written.status();
    }
  }
  Erasure Erase(ErasureSelector selector, bool dry_run = false) {
    selector.collection = "c";
    auto erased = database_->Erase({.selector = std::move(selector), .reason = "asked for", .dry_run = dry_run});
    EXPECT_TRUE(erased.ok()) << erased.status();
    if (!erased.ok()) return {};
    EXPECT_EQ(erased->problem, "");
    return *std::move(erased);
  }
  // Files in which any of `needles` is.
  std::set<std::string> FilesWith(const std::vector<std::string>& needles) const {
    std::set<std::string> found;
    for (const std::string& path : Files("")) {
      if (!std::filesystem::is_regular_file(path)) continue;
      std::ifstream file(path, std::ios::binary);
      const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
      for (const std::string& needle : needles) {
        if (bytes.find(needle) != std::string::npos) found.insert(path);
      }
    }
    return found;
  }
  static std::string BytesOfVector(uint64_t id) {
    const std::vector<float> vector = VectorOf(id);
    return {reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float)};
  }
  std::vector<std::string> Needles(uint64_t points) const {
    std::vector<std::string> needles = {kMarker};
    for (uint64_t id = 0; id < points; ++id) {
      if (IsSecret(id)) needles.push_back(BytesOfVector(id));
    }
    return needles;
  }
  std::set<uint64_t> Near(uint64_t id, size_t k, const std::string& as_of = "") {
    SearchRequest request;
    request.query = VectorOf(id);
    request.limit = k;
    request.exact = true;
    request.read.as_of = as_of;
    const auto found = Get()->Search(request);
    EXPECT_TRUE(found.ok()) << found.status();
    std::set<uint64_t> ids;
    if (found.ok()) {
      for (const ScoredPoint& point : *found) ids.insert(point.point.id.number());
    }
    return ids;
  }
  static std::set<uint64_t> NearOf(uint64_t id, size_t k, uint64_t points) {
    std::vector<std::pair<double, uint64_t>> all;
    const std::vector<float> query = VectorOf(id);
    for (uint64_t other = 0; other < points; ++other) {
      if (IsSecret(other)) continue;
      const std::vector<float> vector = VectorOf(other);
      double distance = 0;
      for (uint32_t i = 0; i < kDim; ++i) distance += (vector[i] - query[i]) * (vector[i] - query[i]);
      all.emplace_back(distance, other);
    }
    std::sort(all.begin(), all.end());
    std::set<uint64_t> ids;
    for (size_t i = 0; i < k; ++i) ids.insert(all[i].second);
    return ids;
  }
  void ExpectSound() {
    database_.reset();
    std::vector<std::string> problems;
    const auto verified = VerifyDirectory(options_, [&](const std::string& problem) { problems.push_back(problem); });
    EXPECT_TRUE(verified.ok()) << verified;
    const auto audited = VerifyAuditOf(options_, {}, [&](const std::string& problem) { problems.push_back(problem); });
    EXPECT_TRUE(audited.ok()) << audited.status();
    EXPECT_TRUE(problems.empty()) << problems.size() << " problems: " << (problems.empty() ? "" : problems.front());
    Open();
  }
};

}  // namespace lineal::engine
