// One of our indexes under test: what they have in common.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/status.h"
#include "bench/ann/local_contender.h"
#include "index/vectors/neighbor.h"
#include "index/vectors/query.h"
#include "index/vectors/row_format.h"

namespace lineal::bench {

inline std::vector<size_t> ListEfforts() {
  return {1, 2, 3, 4, 6, 8, 10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1'024, 1'536, 2'048};
}

// `Index` has Search(query, params).
template <class Index>
class IndexContender : public LocalContender {
 public:
  explicit IndexContender(std::string name) : name_(std::move(name)) {}
  std::string name() const override { return name_; }
  std::pair<const char*, const char*> EffortNames() const override { return {"ef_search", ""}; }

 protected:
  // Sets the format and calls `take` with every row in turn, encoded.
  template <class Take>
  absl::Status Encode(const DataSet& data, const Take& take) {
    format_ = {index::ElementType::kF32, data.distance, static_cast<uint32_t>(data.base.dim)};
    std::vector<std::byte> row(format_.row_bytes());
    for (size_t i = 0; i < data.base.rows(); ++i) {
      LINEAL_RETURN_IF_ERROR(index::EncodeRow(format_, {data.base.row(i), data.base.dim}, row.data()));
      LINEAL_RETURN_IF_ERROR(take(row));
    }
    return absl::OkStatus();
  }
  void SetEffort(Effort effort) override { ef_search_ = effort.width; }
  void SearchOne(const float* query, size_t k, uint32_t* ids) override {
    const auto prepared = index::Query::Make(format_, {query, format_.dim});
    LINEAL_CHECK(prepared.ok());
    const auto found = index_->Search(*prepared, {.top_k = k, .ef_search = ef_search_});
    for (size_t i = 0; i < k; ++i) ids[i] = i < found.size() ? Raw(found[i].id) : ~uint32_t{0};
  }

  index::RowFormat format_;
  std::unique_ptr<Index> index_;

 private:
  const std::string name_;
  size_t ef_search_ = 10;
};

}  // namespace lineal::bench
