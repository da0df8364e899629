#include "bench/ann/index_contender.h"
#include "bench/ann/local_libraries.h"
#include "index/ivf/ivf_index.h"
#include "index/quantizers/sq8_codes.h"
#include "index/vectors/growing_rows.h"

namespace lineal::bench {
namespace {

class LinealIvf final : public IndexContender<index::IvfIndex> {
 public:
  LinealIvf() : IndexContender("lineal") {}
  std::vector<size_t> Widths() const override { return ListEfforts(); }

 protected:
  absl::Status BuildIndex(const DataSet& data, const BuildSettings& settings) override {
    const auto count = static_cast<uint32_t>(data.base.rows());
    rows_ = std::make_unique<index::GrowingRows>(data.base.dim * sizeof(float), count);
    LINEAL_RETURN_IF_ERROR(Encode(data, [&](const std::vector<std::byte>& row) {
      rows_->Append(row.data());
      return absl::OkStatus();
    }));
    const auto everyone = [](LocalId) { return true; };
    LINEAL_ASSIGN_OR_RETURN(index_,
                            index::IvfIndex::Build(format_, {}, rows_->view(), count, everyone,
                                                   {.executor = settings.executor, .parallelism = settings.threads}));
    index_->AttachCodes(
        index::Sq8Codes::Build(format_, rows_->view(), count, everyone, settings.executor, settings.threads));
    return absl::OkStatus();
  }

 private:
  std::unique_ptr<index::GrowingRows> rows_;
};

}  // namespace

std::unique_ptr<Contender> MakeLinealIvf() { return std::make_unique<LinealIvf>(); }

}  // namespace lineal::bench
