#include "base/file_system.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/temporary_directory.h"
#include "bench/ann/index_contender.h"
#include "bench/ann/local_libraries.h"
#include "index/ivf/ivf_index.h"
#include "index/vectors/growing_rows.h"

namespace lineal::bench {
namespace {

// Lists over rows in a mapped file, as a sealed segment has them, judged by codes of so many bits; 1: by the rows.
class LinealCompact final : public IndexContender<index::IvfIndex> {
 public:
  explicit LinealCompact(uint32_t bits)
      : IndexContender(bits == 4 ? "lineal-compact" : StrCat("lineal-compact-", bits)), bits_(bits) {}
  std::vector<size_t> Widths() const override { return ListEfforts(); }

 protected:
  absl::Status BuildIndex(const DataSet& data, const BuildSettings& settings) override {
    const auto count = static_cast<uint32_t>(data.base.rows());
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

 private:
  absl::Status WriteRows(const DataSet& data) {
    FileSystem* files = PosixFileSystem();
    const std::string path = directory_.Sub("rows");
    LINEAL_ASSIGN_OR_RETURN(auto file, files->Create(path));
    LINEAL_RETURN_IF_ERROR(Encode(data, [&](const std::vector<std::byte>& row) {
      return file->Append({reinterpret_cast<const char*>(row.data()), row.size()});
    }));
    LINEAL_RETURN_IF_ERROR(file->Finish());
    LINEAL_ASSIGN_OR_RETURN(mapped_, files->Map(path));
    rows_ = std::make_unique<index::RegionRows>(reinterpret_cast<const std::byte*>(mapped_->bytes().data()),
                                                format_.row_bytes());
    return absl::OkStatus();
  }

  const uint32_t bits_;
  const TemporaryDirectory directory_;
  std::shared_ptr<const MappedRegion> mapped_;
  std::unique_ptr<index::RegionRows> rows_;
};

}  // namespace

std::unique_ptr<Contender> MakeLinealCompact4() { return std::make_unique<LinealCompact>(4); }
std::unique_ptr<Contender> MakeLinealCompact2() { return std::make_unique<LinealCompact>(2); }
std::unique_ptr<Contender> MakeLinealCompact1() { return std::make_unique<LinealCompact>(1); }

}  // namespace lineal::bench
