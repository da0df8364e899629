#include "base/status.h"
#include "clients/cli/buffered_input.h"
#include "clients/cli/record_reader.h"
#include "engine/payload/json.h"

namespace lineal::cli {
namespace {

class JsonLinesReader final : public RecordReader {
 public:
  explicit JsonLinesReader(std::unique_ptr<BufferedInput> input) : input_(std::move(input)) {}

  absl::StatusOr<bool> Next(Record* record) override {
    std::string line;
    do {
      LINEAL_ASSIGN_OR_RETURN(const bool more, input_->ReadLine(&line, kRecordBytesMax));
      if (!more) return false;
      if (input_->offset() == line.size() + 1 && line.starts_with("\xef\xbb\xbf")) line.erase(0, 3);
    } while (line.find_first_not_of(" \t") == std::string::npos);
    record->row = rows_++;
    record->vector.clear();
    auto value = engine::ParseJson(line);
    if (!value.ok()) return Annotate(value.status(), StrCat(input_->name(), ", record ", rows_));
    if (!value->is_object()) return InvalidArgument(input_->name(), ", record ", rows_, ": is no JSON object");
    record->fields = *std::move(value);
    return true;
  }
  bool recoverable() const override { return true; }
  ReadPosition position() const override { return {.rows = rows_, .offset = input_->offset()}; }
  absl::Status Seek(const ReadPosition& position) override {
    rows_ = position.rows;
    return input_->Seek(position.offset);
  }
  uint64_t bytes_total() const override { return input_->size(); }

 private:
  std::unique_ptr<BufferedInput> input_;
  uint64_t rows_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RecordReader>> OpenJsonLines(const std::string& path) {
  LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<BufferedInput> input, BufferedInput::Open(path));
  return std::make_unique<JsonLinesReader>(std::move(input));
}

}  // namespace lineal::cli
