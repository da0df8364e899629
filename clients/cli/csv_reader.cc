#include <charconv>

#include "base/status.h"
#include "clients/cli/buffered_input.h"
#include "clients/cli/record_reader.h"

namespace lineal::cli {
namespace {

using engine::Value;

constexpr size_t kColumnsMax = 10'000;

// A number only in the form that it would be written back in, so that "007", "+1" and "1e5" stay text.
Value CellValue(std::string cell, bool text_only) {
  if (text_only || cell.empty() || cell.size() > 24) return Value(std::move(cell));
  const char* end = cell.data() + cell.size();
  int64_t whole = 0;
  if (auto [stop, error] = std::from_chars(cell.data(), end, whole); error == std::errc() && stop == end) {
    if (StrCat(whole) == cell) return Value(whole);
    return Value(std::move(cell));
  }
  const bool plain = cell.find_first_not_of("0123456789.-") == std::string::npos;
  const size_t digits = cell[0] == '-' ? 1 : 0;
  const bool padded = cell.size() > digits + 1 && cell[digits] == '0' && cell[digits + 1] != '.';
  double real = 0;
  if (auto [stop, error] = std::from_chars(cell.data(), end, real);
      plain && !padded && error == std::errc() && stop == end) {
    return Value(real);
  }
  return Value(std::move(cell));
}

class CsvReader final : public RecordReader {
 public:
  CsvReader(std::unique_ptr<BufferedInput> input, char delimiter, bool text_only)
      : input_(std::move(input)), delimiter_(delimiter), text_only_(text_only) {}

  absl::Status ReadTitles() {
    LINEAL_ASSIGN_OR_RETURN(const bool any, ReadRow(&titles_));
    if (!any) return InvalidArgument(input_->name(), ": is empty; the first line of a CSV file has the titles");
    if (titles_[0].starts_with("\xef\xbb\xbf")) titles_[0].erase(0, 3);
    StringSet seen;
    for (const std::string& title : titles_) {
      if (title.empty()) return InvalidArgument(input_->name(), ": a column has no title");
      if (!seen.insert(title).second)
        return InvalidArgument(input_->name(), ": two columns are called \"", title, "\"");
    }
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Next(Record* record) override {
    std::vector<std::string> cells;
    do {
      LINEAL_ASSIGN_OR_RETURN(const bool any, ReadRow(&cells));
      if (!any) return false;
    } while (cells.size() == 1 && cells[0].empty());
    record->row = rows_++;
    record->vector.clear();
    if (cells.size() != titles_.size()) {
      return InvalidArgument(input_->name(), ", record ", rows_, ": has ", cells.size(), " cells, the titles are ",
                             titles_.size());
    }
    Value::Object fields;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (!cells[i].empty()) fields.emplace_back(titles_[i], CellValue(std::move(cells[i]), text_only_));
    }
    record->fields = Value(std::move(fields));
    return true;
  }
  // A quote that is not closed swallows what follows.
  bool recoverable() const override { return !unclosed_; }
  ReadPosition position() const override { return {.rows = rows_, .offset = input_->offset()}; }
  absl::Status Seek(const ReadPosition& position) override {
    rows_ = position.rows;
    return input_->Seek(position.offset);
  }
  uint64_t bytes_total() const override { return input_->size(); }

 private:
  // False at the end of the file.
  absl::StatusOr<bool> ReadRow(std::vector<std::string>* cells) {
    cells->clear();
    if (input_->Peek() == BufferedInput::kEnd) {
      LINEAL_RETURN_IF_ERROR(input_->status());
      return false;
    }
    for (bool more = true; more;) {
      std::string cell;
      LINEAL_ASSIGN_OR_RETURN(more, ReadCell(&cell));
      cells->push_back(std::move(cell));
      if (cells->size() > kColumnsMax) return InvalidArgument(input_->name(), ": has over ", kColumnsMax, " columns");
    }
    LINEAL_RETURN_IF_ERROR(input_->status());
    return true;
  }

  // True when another cell of the row follows.
  absl::StatusOr<bool> ReadCell(std::string* cell) {
    if (input_->Peek() == '"') {
      input_->Get();
      LINEAL_RETURN_IF_ERROR(ReadQuoted(cell));
    }
    for (;;) {
      const int byte = input_->Get();
      if (byte == BufferedInput::kEnd || byte == '\n') return false;
      if (byte == static_cast<unsigned char>(delimiter_)) return true;
      if (byte == '\r' && (input_->Peek() == '\n' || input_->Peek() == BufferedInput::kEnd)) continue;
      cell->push_back(static_cast<char>(byte));
      if (cell->size() > kRecordBytesMax) return TooLong();
    }
  }

  absl::Status ReadQuoted(std::string* cell) {
    for (;;) {
      const int byte = input_->Get();
      if (byte == BufferedInput::kEnd) {
        unclosed_ = true;
        return InvalidArgument(input_->name(), ", record ", rows_ + 1, ": a quote is not closed");
      }
      if (byte == '"') {
        if (input_->Peek() != '"') return absl::OkStatus();
        input_->Get();
      }
      cell->push_back(static_cast<char>(byte));
      if (cell->size() > kRecordBytesMax) return TooLong();
    }
  }

  absl::Status TooLong() {
    unclosed_ = true;
    return InvalidArgument(input_->name(), ", record ", rows_ + 1, ": a cell has over ", kRecordBytesMax,
                           " bytes; is a quote not closed?");
  }

  std::unique_ptr<BufferedInput> input_;
  const char delimiter_;
  const bool text_only_;
  std::vector<std::string> titles_;
  uint64_t rows_ = 0;
  bool unclosed_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RecordReader>> OpenCsv(const std::string& path, char delimiter, bool text_only) {
  LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<BufferedInput> input, BufferedInput::Open(path));
  auto reader = std::make_unique<CsvReader>(std::move(input), delimiter, text_only);
  LINEAL_RETURN_IF_ERROR(reader->ReadTitles());
  return reader;
}

}  // namespace lineal::cli
