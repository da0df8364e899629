#include "bench/ann/index_contender.h"
#include "bench/ann/local_libraries.h"
#include "index/hnsw/hnsw_index.h"
#include "index/quantizers/sq8_codes.h"
#include "index/vectors/growing_rows.h"

namespace lineal::bench {
namespace {

class Lineal final : public IndexContender<index::HnswIndex> {
 public:
  explicit Lineal(bool codes) : IndexContender(codes ? "lineal-hnsw" : "lineal-f32"), codes_(codes) {}
  std::vector<size_t> Widths() const override { return BeamWidths(); }

 protected:
  absl::Status BuildIndex(const DataSet& data, const BuildSettings& settings) override {
    const auto count = static_cast<uint32_t>(data.base.rows());
    rows_ = std::make_unique<index::GrowingRows>(data.base.dim * sizeof(float), count);
    std::vector<LocalId> ids;
    LINEAL_RETURN_IF_ERROR(Encode(data, [&](const std::vector<std::byte>& row) {
      ids.push_back(rows_->Append(row.data()));
      return absl::OkStatus();
    }));
    const index::HnswParams params{static_cast<uint32_t>(settings.m), static_cast<uint32_t>(settings.ef_construct), 1};
    index_ = index::HnswIndex::Create(format_, params, rows_->view(), count);
    if (codes_) {
      index_->AttachCodes(index::Sq8Codes::Build(
          format_, rows_->view(), count, [](LocalId) { return true; }, settings.executor, settings.threads));
    }
    return index_->Insert(ids, {.executor = settings.executor, .parallelism = settings.threads});
  }

 private:
  const bool codes_;
  std::unique_ptr<index::GrowingRows> rows_;
};

}  // namespace

std::unique_ptr<Contender> MakeLineal() { return std::make_unique<Lineal>(true); }
std::unique_ptr<Contender> MakeLinealF32() { return std::make_unique<Lineal>(false); }

}  // namespace lineal::bench
