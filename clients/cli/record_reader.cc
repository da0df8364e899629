#include "clients/cli/record_reader.h"

#include "base/status.h"

namespace lineal::cli {
namespace {

std::string FormatOf(const std::string& path) {
  for (std::string_view format : {"jsonl", "ndjson", "csv", "tsv", "npy", "fvecs", "bvecs"}) {
    if (path.ends_with(StrCat(".", format))) return std::string(format);
  }
  return "";
}

class PairedReader final : public RecordReader {
 public:
  PairedReader(std::unique_ptr<RecordReader> vectors, std::unique_ptr<RecordReader> payloads)
      : vectors_(std::move(vectors)), payloads_(std::move(payloads)) {}

  absl::StatusOr<bool> Next(Record* record) override {
    LINEAL_ASSIGN_OR_RETURN(const bool has_vector, vectors_->Next(record));
    Record payload;
    LINEAL_ASSIGN_OR_RETURN(const bool has_payload, payloads_->Next(&payload));
    if (has_vector != has_payload) {
      return InvalidArgument("the file of ", has_vector ? "payloads" : "vectors", " ends after ",
                             has_vector ? payloads_->position().rows : vectors_->position().rows,
                             " records, the other goes on");
    }
    record->fields = std::move(payload.fields);
    return has_vector;
  }
  bool recoverable() const override { return false; }
  ReadPosition position() const override {
    ReadPosition position = vectors_->position();
    position.payload_offset = payloads_->position().offset;
    return position;
  }
  absl::Status Seek(const ReadPosition& position) override {
    LINEAL_RETURN_IF_ERROR(vectors_->Seek(position));
    return payloads_->Seek({.rows = position.rows, .offset = position.payload_offset});
  }
  uint64_t bytes_total() const override { return vectors_->bytes_total(); }

 private:
  std::unique_ptr<RecordReader> vectors_;
  std::unique_ptr<RecordReader> payloads_;
};

absl::StatusOr<std::unique_ptr<RecordReader>> OpenOne(const std::string& path, const ReaderOptions& options) {
  const std::string format = options.format.empty() ? FormatOf(path) : options.format;
  if (format == "jsonl" || format == "ndjson") return OpenJsonLines(path);
  if (format == "csv") return OpenCsv(path, options.csv_delimiter, options.csv_text_only);
  if (format == "tsv") return OpenCsv(path, '\t', options.csv_text_only);
  if (format == "npy") return OpenNpy(path);
  if (format == "fvecs") return OpenVecs(path, false);
  if (format == "bvecs") return OpenVecs(path, true);
  if (format.empty()) {
    return InvalidArgument("the name ", path,
                           " does not tell its format; --format does: jsonl, csv, tsv, npy, fvecs or bvecs");
  }
  return InvalidArgument("format \"", format, "\" is not known; there are jsonl, csv, tsv, npy, fvecs and bvecs");
}

}  // namespace

std::unique_ptr<RecordReader> PairReaders(std::unique_ptr<RecordReader> vectors,
                                          std::unique_ptr<RecordReader> payloads) {
  return std::make_unique<PairedReader>(std::move(vectors), std::move(payloads));
}

absl::StatusOr<std::unique_ptr<RecordReader>> OpenRecords(const std::string& path, const ReaderOptions& options) {
  LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<RecordReader> reader, OpenOne(path, options));
  if (options.payload_path.empty()) return reader;
  LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<RecordReader> payloads, OpenJsonLines(options.payload_path));
  return PairReaders(std::move(reader), std::move(payloads));
}

}  // namespace lineal::cli
