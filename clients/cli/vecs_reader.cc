#include <cstring>

#include "base/coding.h"
#include "base/status.h"
#include "clients/cli/buffered_input.h"
#include "clients/cli/record_reader.h"

namespace lineal::cli {
namespace {

class VecsReader final : public RecordReader {
 public:
  VecsReader(std::unique_ptr<BufferedInput> input, bool bytes) : input_(std::move(input)), bytes_(bytes) {}

  absl::StatusOr<bool> Next(Record* record) override {
    char head[4];
    const size_t got = input_->Read(head, sizeof head);
    LINEAL_RETURN_IF_ERROR(input_->status());
    if (got == 0) return false;
    if (got < sizeof head) return CutOff();
    const auto dim = LoadFixed<uint32_t>(head);
    if (dim == 0 || dim > kReadDimMax) {
      return InvalidArgument(input_->name(), ", row ", rows_ + 1, ": has ", dim, " components, allowed are 1 to ",
                             kReadDimMax, "; is it a file of this format?");
    }
    if (dim_ != 0 && dim != dim_) {
      return InvalidArgument(input_->name(), ", row ", rows_ + 1, ": has ", dim, " components, the rows before have ",
                             dim_);
    }
    dim_ = dim;
    row_.resize(size_t{dim} * (bytes_ ? 1 : 4));
    if (input_->Read(row_.data(), row_.size()) != row_.size()) return CutOff();
    record->row = rows_++;
    record->fields = engine::Value::EmptyObject();
    record->vector.resize(dim);
    if (bytes_) {
      for (size_t i = 0; i < dim; ++i) record->vector[i] = static_cast<float>(static_cast<unsigned char>(row_[i]));
    } else {
      std::memcpy(record->vector.data(), row_.data(), row_.size());
    }
    return true;
  }
  bool recoverable() const override { return false; }
  ReadPosition position() const override { return {.rows = rows_, .offset = input_->offset()}; }
  absl::Status Seek(const ReadPosition& position) override {
    rows_ = position.rows;
    return input_->Seek(position.offset);
  }
  uint64_t bytes_total() const override { return input_->size(); }

 private:
  absl::Status CutOff() const {
    return InvalidArgument(input_->name(), ": is cut off in row ", rows_ + 1, ", at offset ", input_->offset());
  }

  std::unique_ptr<BufferedInput> input_;
  const bool bytes_;
  std::vector<char> row_;
  uint32_t dim_ = 0;
  uint64_t rows_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RecordReader>> OpenVecs(const std::string& path, bool bytes) {
  LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<BufferedInput> input, BufferedInput::Open(path));
  return std::make_unique<VecsReader>(std::move(input), bytes);
}

}  // namespace lineal::cli
