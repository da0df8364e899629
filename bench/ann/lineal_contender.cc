#include "base/check.h"
#include "base/status.h"
#include "bench/ann/local_contender.h"
#include "bench/ann/local_libraries.h"
#include "index/hnsw/hnsw_index.h"
#include "index/quantizers/sq8_codes.h"
#include "index/vectors/growing_rows.h"

namespace lineal::bench {
namespace {

class Lineal final : public LocalContender {
 public:
  explicit Lineal(bool codes) : codes_(codes) {}
  std::string name() const override { return codes_ ? "lineal-hnsw" : "lineal-f32"; }
  std::vector<size_t> Widths() const override { return BeamWidths(); }
  std::pair<const char*, const char*> EffortNames() const override { return {"ef_search", ""}; }

 protected:
  absl::Status BuildIndex(const DataSet& data, const BuildSettings& settings) override {
    const auto count = static_cast<uint32_t>(data.base.rows());
    format_ = {index::ElementType::kF32, data.distance, static_cast<uint32_t>(data.base.dim)};
    rows_ = std::make_unique<index::GrowingRows>(format_.row_bytes(), count);
    std::vector<LocalId> ids;
    std::vector<std::byte> row(format_.row_bytes());
    for (uint32_t i = 0; i < count; ++i) {
      LINEAL_RETURN_IF_ERROR(index::EncodeRow(format_, {data.base.row(i), data.base.dim}, row.data()));
      ids.push_back(rows_->Append(row.data()));
    }
    const index::HnswParams params{static_cast<uint32_t>(settings.m), static_cast<uint32_t>(settings.ef_construct), 1};
    index_ = index::HnswIndex::Create(format_, params, rows_->view(), count);
    if (codes_) {
      index_->AttachCodes(index::Sq8Codes::Build(
          format_, rows_->view(), count, [](LocalId) { return true; }, settings.executor, settings.threads));
    }
    return index_->Insert(ids, {.executor = settings.executor, .parallelism = settings.threads});
  }
  void SetEffort(Effort effort) override { ef_search_ = effort.width; }
  void SearchOne(const float* query, size_t k, uint32_t* ids) override {
    const auto prepared = index::Query::Make(format_, {query, format_.dim});
    LINEAL_CHECK(prepared.ok());
    const auto found = index_->Search(*prepared, {.top_k = k, .ef_search = ef_search_});
    for (size_t i = 0; i < k; ++i) ids[i] = i < found.size() ? Raw(found[i].id) : ~uint32_t{0};
  }

 private:
  const bool codes_;
  index::RowFormat format_;
  std::unique_ptr<index::GrowingRows> rows_;
  std::unique_ptr<index::HnswIndex> index_;
  size_t ef_search_ = 10;
};

}  // namespace

std::unique_ptr<Contender> MakeLineal() { return std::make_unique<Lineal>(true); }
std::unique_ptr<Contender> MakeLinealF32() { return std::make_unique<Lineal>(false); }

}  // namespace lineal::bench
