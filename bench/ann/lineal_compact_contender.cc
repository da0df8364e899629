#include "base/check.h"
#include "base/file_system.h"
#include "base/status.h"
#include "base/strings.h"
#include "bench/ann/local_contender.h"
#include "bench/ann/local_libraries.h"
#include "bench/sets/temporary_directory.h"
#include "index/ivf/ivf_index.h"
#include "index/vectors/growing_rows.h"

namespace lineal::bench {
namespace {

// Lists over rows in a mapped file, as a sealed segment has them, judged by codes of so many bits; 1: by the rows.
class LinealCompact final : public LocalContender {
 public:
  explicit LinealCompact(uint32_t bits) : bits_(bits) {}
  std::string name() const override { return bits_ == 4 ? "lineal-compact" : StrCat("lineal-compact-", bits_); }
  std::vector<size_t> Widths() const override {
    return {1, 2, 3, 4, 6, 8, 10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1'024, 1'536, 2'048};
  }
  std::pair<const char*, const char*> EffortNames() const override { return {"ef_search", ""}; }

 protected:
  absl::Status BuildIndex(const DataSet& data, const BuildSettings& settings) override {
    const auto count = static_cast<uint32_t>(data.base.rows());
    format_ = {index::ElementType::kF32, data.distance, static_cast<uint32_t>(data.base.dim)};
    LINEAL_RETURN_IF_ERROR(WriteRows(data));
    const auto everyone = [](LocalId) { return true; };
    LINEAL_ASSIGN_OR_RETURN(index_,
                            index::IvfIndex::Build(format_, {}, rows_->view(), count, everyone,
                                                   {.executor = settings.executor, .parallelism = settings.threads}));
    if (bits_ > 1) {
      index_->AttachCodes(
          index::BuildRowCodes(format_, rows_->view(), count, everyone, {bits_, settings.executor, settings.threads}));
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

 private:
  absl::Status WriteRows(const DataSet& data) {
    FileSystem* files = PosixFileSystem();
    const std::string path = directory_.path() + "/rows";
    LINEAL_ASSIGN_OR_RETURN(auto file, files->Create(path));
    std::vector<std::byte> row(format_.row_bytes());
    for (size_t i = 0; i < data.base.rows(); ++i) {
      LINEAL_RETURN_IF_ERROR(index::EncodeRow(format_, {data.base.row(i), data.base.dim}, row.data()));
      LINEAL_RETURN_IF_ERROR(file->Append({reinterpret_cast<const char*>(row.data()), row.size()}));
    }
    LINEAL_RETURN_IF_ERROR(file->Finish());
    LINEAL_ASSIGN_OR_RETURN(mapped_, files->Map(path));
    rows_ = std::make_unique<index::RegionRows>(reinterpret_cast<const std::byte*>(mapped_->bytes().data()),
                                                format_.row_bytes());
    return absl::OkStatus();
  }

  const uint32_t bits_;
  const TemporaryDirectory directory_;
  index::RowFormat format_;
  std::shared_ptr<const MappedRegion> mapped_;
  std::unique_ptr<index::RegionRows> rows_;
  std::unique_ptr<index::IvfIndex> index_;
  size_t ef_search_ = 10;
};

}  // namespace

std::unique_ptr<Contender> MakeLinealCompact4() { return std::make_unique<LinealCompact>(4); }
std::unique_ptr<Contender> MakeLinealCompact2() { return std::make_unique<LinealCompact>(2); }
std::unique_ptr<Contender> MakeLinealCompact1() { return std::make_unique<LinealCompact>(1); }

}  // namespace lineal::bench
