// Records from a file: fields by name, and a vector where the format has one of its own. A reader says after each
// record where the next begins, so that reading can go on there another day.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/payload/value.h"

namespace lineal::cli {

struct Record {
  uint64_t row = 0;           // 0 for the first of the file
  engine::Value fields;       // an object
  std::vector<float> vector;  // empty where the format has none
};

// Where the next record begins.
struct ReadPosition {
  uint64_t rows = 0;            // records before it
  uint64_t offset = 0;          // bytes before it
  uint64_t payload_offset = 0;  // bytes before it in the file of payloads, if there is one
  friend bool operator==(const ReadPosition&, const ReadPosition&) = default;
};

class RecordReader {
 public:
  virtual ~RecordReader() = default;
  // False at the end. INVALID_ARGUMENT naming file and row for a record that cannot be read; the next call gives the
  // one after it, unless recoverable() is false.
  virtual absl::StatusOr<bool> Next(Record* record) = 0;
  virtual bool recoverable() const = 0;
  virtual ReadPosition position() const = 0;
  // To a position that this reader has given for the same file.
  virtual absl::Status Seek(const ReadPosition& position) = 0;
  // Bytes of the file; 0 when not known.
  virtual uint64_t bytes_total() const = 0;
};

struct ReaderOptions {
  std::string format;        // "jsonl", "csv", "npy", "fvecs", "bvecs"; "" by the file's ending
  std::string payload_path;  // JSONL with one object for each row of a file of vectors
  char csv_delimiter = ',';
  bool csv_text_only = false;  // leave numbers in CSV as text
};

absl::StatusOr<std::unique_ptr<RecordReader>> OpenRecords(const std::string& path, const ReaderOptions& options);

// One object a line; empty lines are passed over.
absl::StatusOr<std::unique_ptr<RecordReader>> OpenJsonLines(const std::string& path);
// RFC 4180 with a line of titles. Cells that are a number's usual form become numbers, empty ones are left out.
absl::StatusOr<std::unique_ptr<RecordReader>> OpenCsv(const std::string& path, char delimiter, bool text_only);
// NumPy arrays of two dimensions in C order: float16/32/64, signed and unsigned integers, little-endian.
absl::StatusOr<std::unique_ptr<RecordReader>> OpenNpy(const std::string& path);
// Each row: its dimension as 4 little-endian bytes, then that many float32 (fvecs) or bytes (bvecs).
absl::StatusOr<std::unique_ptr<RecordReader>> OpenVecs(const std::string& path, bool bytes);
// `vectors` with the fields of the same row of `payloads`. A file that ends before the other is an error.
std::unique_ptr<RecordReader> PairReaders(std::unique_ptr<RecordReader> vectors,
                                          std::unique_ptr<RecordReader> payloads);

inline constexpr size_t kRecordBytesMax = 64ull << 20;
inline constexpr uint32_t kReadDimMax = 65'536;

}  // namespace lineal::cli
