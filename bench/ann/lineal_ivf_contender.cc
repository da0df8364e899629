#include "base/check.h"
#include "base/status.h"
#include "bench/ann/local_contender.h"
#include "bench/ann/local_libraries.h"
#include "index/ivf/ivf_index.h"
#include "index/quantizers/sq8_codes.h"
#include "index/vectors/growing_rows.h"

namespace lineal::bench {
namespace {

class LinealIvf final : public LocalContender {
 public:
  std::string name() const override { return "lineal"; }

  std::vector<size_t> Widths() const override {
    return {1, 2, 3, 4, 6, 8, 10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1'024, 1'536, 2'048};
  }
  std::pair<const char*, const char*> EffortNames() const override { return {"ef_search", ""}; }

 protected:
  absl::Status BuildIndex(const DataSet& data, const BuildSettings& settings) override {
    const auto count = static_cast<uint32_t>(data.base.rows());
    format_ = {index::ElementType::kF32, data.distance, static_cast<uint32_t>(data.base.dim)};
    rows_ = std::make_unique<index::GrowingRows>(format_.row_bytes(), count);
    std::vector<std::byte> row(format_.row_bytes());
    for (uint32_t i = 0; i < count; ++i) {
      LINEAL_RETURN_IF_ERROR(index::EncodeRow(format_, {data.base.row(i), data.base.dim}, row.data()));
      rows_->Append(row.data());
    }
    LINEAL_ASSIGN_OR_RETURN(index_,
                            index::IvfIndex::Build(format_, {}, rows_->view(), count, [](LocalId) { return true; },
                                                   {.executor = settings.executor, .parallelism = settings.threads}));
    index_->AttachCodes(index::Sq8Codes::Build(
        format_, rows_->view(), count, [](LocalId) { return true; }, settings.executor, settings.threads));
    return absl::OkStatus();
  }

  void SetEffort(Effort effort) override { ef_search_ = effort.width; }
  void SearchOne(const float* query, size_t k, uint32_t* ids) override {
    const auto prepared = index::Query::Make(format_, {query, format_.dim});
    LINEAL_CHECK(prepared.ok());
    const auto found = index_->Search(*prepared, {.top_k = k, .ef_search = ef_search_});
    for (size_t i = 0; i < k; ++i) ids[i] = i < found.size() ? Raw(found[i].id) : ~uint32_t{0};
  }

 private:
  index::RowFormat format_;
  std::unique_ptr<index::GrowingRows> rows_;
  std::unique_ptr<index::IvfIndex> index_;
  size_t ef_search_ = 10;
};

}  // namespace

std::unique_ptr<Contender> MakeLinealIvf() { return std::make_unique<LinealIvf>(); }

}  // namespace lineal::bench
