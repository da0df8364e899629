#include "base/coding.h"
#include "base/half.h"
#include "base/status.h"
#include "clients/cli/buffered_input.h"
#include "clients/cli/npy_header.h"
#include "clients/cli/record_reader.h"

namespace lineal::cli {
namespace {

template <class T>
void Widen(const char* from, size_t count, float* to) {
  for (size_t i = 0; i < count; ++i) to[i] = static_cast<float>(LoadFixed<T>(from + i * sizeof(T)));
}

void ToFloats(const NpyHeader& header, const char* from, float* to) {
  const size_t count = header.dim;
  switch (header.kind << 8 | static_cast<int>(header.item_bytes)) {
    case 'f' << 8 | 2:
      for (size_t i = 0; i < count; ++i) to[i] = FloatFromHalf(LoadFixed<uint16_t>(from + 2 * i));
      return;
    case 'f' << 8 | 4:
      return Widen<float>(from, count, to);
    case 'f' << 8 | 8:
      return Widen<double>(from, count, to);
    case 'i' << 8 | 1:
      return Widen<int8_t>(from, count, to);
    case 'u' << 8 | 1:
      return Widen<uint8_t>(from, count, to);
    case 'i' << 8 | 2:
      return Widen<int16_t>(from, count, to);
    case 'u' << 8 | 2:
      return Widen<uint16_t>(from, count, to);
    case 'i' << 8 | 4:
      return Widen<int32_t>(from, count, to);
    case 'u' << 8 | 4:
      return Widen<uint32_t>(from, count, to);
    case 'i' << 8 | 8:
      return Widen<int64_t>(from, count, to);
    default:
      return Widen<uint64_t>(from, count, to);
  }
}

class NpyReader final : public RecordReader {
 public:
  NpyReader(std::unique_ptr<BufferedInput> input, const NpyHeader& header)
      : input_(std::move(input)), header_(header), bytes_(size_t{header.dim} * header.item_bytes) {}

  absl::StatusOr<bool> Next(Record* record) override {
    if (row_ == header_.rows) return false;
    if (input_->Read(bytes_.data(), bytes_.size()) != bytes_.size()) {
      LINEAL_RETURN_IF_ERROR(input_->status());
      return InvalidArgument(input_->name(), ": ends in row ", row_ + 1, " of ", header_.rows);
    }
    record->row = row_++;
    record->fields = engine::Value::EmptyObject();
    record->vector.resize(header_.dim);
    ToFloats(header_, bytes_.data(), record->vector.data());
    return true;
  }
  bool recoverable() const override { return false; }
  ReadPosition position() const override {
    return {.rows = row_, .offset = header_.data_offset + row_ * bytes_.size()};
  }
  absl::Status Seek(const ReadPosition& position) override {
    if (position.rows > header_.rows)
      return absl::OutOfRangeError(StrCat(input_->name(), " has ", header_.rows, " rows"));
    row_ = position.rows;
    return input_->Seek(header_.data_offset + row_ * bytes_.size());
  }
  uint64_t bytes_total() const override { return input_->size(); }

 private:
  std::unique_ptr<BufferedInput> input_;
  const NpyHeader header_;
  std::vector<char> bytes_;  // one row
  uint64_t row_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RecordReader>> OpenNpy(const std::string& path) {
  LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<BufferedInput> input, BufferedInput::Open(path));
  std::string head(kNpyHeaderBytesMax, '\0');
  head.resize(input->Read(head.data(), head.size()));
  absl::StatusOr<NpyHeader> header = ParseNpyHeader(head);
  if (!header.ok()) return Annotate(header.status(), input->name());
  const uint64_t row_bytes = uint64_t{header->dim} * header->item_bytes;
  const uint64_t room = input->size() - std::min(input->size(), header->data_offset);
  if (header->rows > room / row_bytes) {
    return InvalidArgument(input->name(), ": its head promises ", header->rows, " rows, the file has ",
                           room / row_bytes);
  }
  LINEAL_RETURN_IF_ERROR(input->Seek(header->data_offset));
  return std::make_unique<NpyReader>(std::move(input), *header);
}

}  // namespace lineal::cli
