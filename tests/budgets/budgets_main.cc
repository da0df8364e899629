// The hot loops, each under a name of its own: callgrind counts what runs between two marks, and nothing of the set-up.
// Prints a line "name operations" for each.
#include <valgrind/callgrind.h>

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "index/batch/batch_distance.h"
#include "index/batch/batch_search.h"
#include "index/flat/code_scan.h"
#include "index/flat/flat_search.h"
#include "index/hnsw/hnsw_index.h"
#include "index/ivf/ivf_index.h"
#include "index/quantizers/sq8_codes.h"
#include "index/vectors/growing_rows.h"
#include "server/rest/parse_query.h"

namespace lineal {
namespace {

using index::Neighbor;
using index::Query;

constexpr uint32_t kRows = 3'000;
constexpr uint32_t kDim = 96;
constexpr size_t kQueries = 40;

std::vector<float> Drawn(size_t count, Random* random) {
  std::vector<float> values(count);
  for (float& x : values) x = static_cast<float>(random->Gaussian());
  return values;
}

class EveryThird final : public index::Acceptor {
 public:
  bool Accepts(LocalId id) const override { return Raw(id) % 3 == 0; }
};

void Measure(const char* name, size_t operations, const std::function<void()>& loop) {
  loop();  // allocations of the first time are none of the loop's
  CALLGRIND_START_INSTRUMENTATION;
  CALLGRIND_ZERO_STATS;
  loop();
  CALLGRIND_DUMP_STATS_AT(name);
  CALLGRIND_STOP_INSTRUMENTATION;
  std::printf("%s %zu\n", name, operations);
  std::fflush(stdout);
}

class Loops {
 public:
  Loops() : rows_(format_.row_bytes(), kRows) {
    std::vector<std::byte> row(format_.row_bytes());
    std::vector<LocalId> ids;
    for (uint32_t i = 0; i < kRows; ++i) {
      LINEAL_CHECK(index::EncodeRow(format_, Drawn(kDim, &random_), row.data()).ok());
      ids.push_back(rows_.Append(row.data()));
      if (i % 3 == 0) third_.push_back(ids.back());
    }
    for (size_t i = 0; i < kQueries; ++i) queries_.push_back(*Query::Make(format_, Drawn(kDim, &random_)));
    for (const Query& query : queries_) pointers_.push_back(&query);
    codes_ = index::Sq8Codes::Build(format_, rows_.view(), kRows, [](LocalId) { return true; });
    four_bits_ = index::BuildRowCodes(format_, rows_.view(), kRows, [](LocalId) { return true; }, {.bits = 4});
    graph_ = index::HnswIndex::Create(format_, {.m = 12, .ef_construct = 60, .seed = 1}, rows_.view(), kRows);
    LINEAL_CHECK(graph_->Insert(ids, {}).ok());
    graph_->AttachCodes(codes_);
    lists_ = *index::IvfIndex::Build(format_, {}, rows_.view(), kRows, [](LocalId) { return true; }, {});
    lists_->AttachCodes(codes_);
  }

  void GraphSearches() const {
    const EveryThird third;
    Measure("graph_search_by_codes", kQueries, [&] { SearchGraph({.top_k = 10, .ef_search = 64}); });
    Measure("graph_search_by_rows", kQueries, [&] { SearchGraph({.top_k = 10, .ef_search = 64, .use_codes = false}); });
    Measure("graph_search_filtered", kQueries,
            [&] { SearchGraph({.top_k = 10, .ef_search = 64, .acceptor = &third}); });
  }

  void ListSearches() {
    Measure("list_search", kQueries, [&] {
      for (const index::Query& query : queries_) (void)lists_->Search(query, {.top_k = 10, .ef_search = 8});
    });
    lists_->AttachCodes(four_bits_);
    Measure("list_search_of_4_bits", kQueries, [&] {
      for (const index::Query& query : queries_) (void)lists_->Search(query, {.top_k = 10, .ef_search = 8});
    });
  }
  void Scans() const {
    const LocalId begin{0}, end{kRows};
    const index::SearchParams params{.top_k = 10};
    Measure("scan_of_rows", kQueries * kRows, [&] {
      for (const Query& query : queries_) (void)index::ScanRange(query, rows_.view(), begin, end, params);
    });
    Measure("scan_of_a_list", kQueries * third_.size(), [&] {
      for (const Query& query : queries_) (void)index::ScanList(query, rows_.view(), third_, params);
    });
    Measure("scan_of_codes", kQueries * third_.size(), [&] {
      for (const Query& query : queries_) {
        (void)index::ScanListByCodes(*codes_, query, rows_.view(), third_, params);
      }
    });
    Measure("scan_of_codes_of_4_bits", kQueries * third_.size(), [&] {
      for (const Query& query : queries_) {
        (void)index::ScanListByCodes(*four_bits_, query, rows_.view(), third_, params);
      }
    });
    const std::vector<index::SearchParams> all(kQueries, params);
    Measure("scan_for_all_queries", kQueries * kRows,
            [&] { (void)index::ScanRangeForAll(pointers_, rows_.view(), begin, end, all); });
  }

  void Centroids() {
    const std::vector<float> rows = Drawn(400 * kDim, &random_), centroids = Drawn(64 * kDim, &random_);
    std::vector<uint32_t> nearest(400);
    Measure("nearest_centroid", 400 * 64, [&] {
      index::NearestByL2(rows.data(), 400, centroids.data(), 64, kDim, nearest.data(), nullptr, nullptr, 1);
    });
  }

  void Requests() {
    std::string body = R"({"query": [)";
    for (const float x : Drawn(kDim, &random_)) body += std::to_string(x) + ", ";
    body += R"(0.5], "limit": 10, "with_payload": true, "params": {"hnsw_ef": 64},
      "filter": {"must": [{"key": "city", "match": {"value": "Oslo"}}, {"key": "year", "range": {"gte": 1990}}]}})";
    Measure("parse_of_a_query", 1, [&] {
      const server::JsonBody json(body);
      const auto root = json.Root();
      LINEAL_CHECK(root.ok() && server::ReadQuery(*root, {}).ok());
    });
  }

 private:
  void SearchGraph(const index::SearchParams& params) const {
    for (const Query& query : queries_) LINEAL_CHECK(graph_->Search(query, params).size() == 10);
  }

  const index::RowFormat format_{index::ElementType::kF32, index::Distance::kL2, kDim};
  Random random_{5};
  index::GrowingRows rows_;
  std::vector<LocalId> third_;
  std::vector<Query> queries_;
  std::vector<const Query*> pointers_;
  std::shared_ptr<const index::RowCodes> codes_, four_bits_;
  std::unique_ptr<index::IvfIndex> lists_;
  std::unique_ptr<index::HnswIndex> graph_;
};

}  // namespace
}  // namespace lineal

int main() {
  lineal::Loops loops;
  loops.GraphSearches();
  loops.ListSearches();
  loops.Scans();
  loops.Centroids();
  loops.Requests();
  return 0;
}
