// What the tests of graphs share: clustered rows from a seed, exact answers, images in memory.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "base/status.h"
#include "base/string_sink.h"
#include "index/hnsw/hnsw_index.h"
#include "index/vectors/growing_rows.h"

namespace lineal::index {

// Rows around random centres, as embeddings lie; the same for the same seed. Components are within 0..255.
class TestRows {
 public:
  TestRows(const RowFormat& format, uint32_t count, uint64_t seed, uint32_t clusters = 20)
      : format_(format), rows_(format.row_bytes(), count + kQueries) {
    Random random(seed);
    std::vector<std::vector<float>> centres(clusters, std::vector<float>(format.dim));
    for (auto& centre : centres) {
      for (float& value : centre) value = static_cast<float>(random.Below(160) + 48);
    }
    std::vector<float> values(format.dim);
    std::vector<std::byte> row(format.row_bytes());
    for (uint32_t i = 0; i < count + kQueries; ++i) {
      const std::vector<float>& centre = centres[random.Below(clusters)];
      for (uint32_t j = 0; j < format.dim; ++j) values[j] = centre[j] + static_cast<float>(random.Gaussian()) * 8;
      LINEAL_CHECK(EncodeRow(format, values, row.data()).ok());
      rows_.Append(row.data());
    }
    count_ = count;
  }

  // Rows behind the counted ones, for queries that are not among them.
  static constexpr uint32_t kQueries = 100;

  const RowFormat& format() const { return format_; }
  RowView view() const { return rows_.view(); }
  uint32_t count() const { return count_; }
  Query QueryOf(uint32_t id) const { return Query::FromRow(format_, view().at(LocalId{id})); }
  std::vector<LocalId> Ids(uint32_t begin, uint32_t end) const {
    std::vector<LocalId> ids;
    for (uint32_t i = begin; i < end; ++i) ids.push_back(LocalId{i});
    return ids;
  }

 private:
  const RowFormat format_;
  GrowingRows rows_;
  uint32_t count_ = 0;
};

inline std::string SavedImage(const HnswIndex& index, uint64_t watermark) {
  StringSink sink;
  LINEAL_CHECK(index.Save(&sink, watermark).ok());
  return std::move(sink.bytes);
}

// Bytes at an address of its own allocation, aligned as a mapping is.
inline std::shared_ptr<const MappedRegion> RegionOf(std::string bytes) {
  class Region final : public MappedRegion {
   public:
    explicit Region(const std::string& bytes) : words_((bytes.size() + 7) / 8), size_(bytes.size()) {
      bytes.copy(reinterpret_cast<char*>(words_.data()), size_);
    }
    std::string_view bytes() const override { return {reinterpret_cast<const char*>(words_.data()), size_}; }

   private:
    std::vector<uint64_t> words_;
    size_t size_;
  };
  return std::make_shared<Region>(bytes);
}

}  // namespace lineal::index
