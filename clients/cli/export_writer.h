// Points of a collection into files: JSON lines that `ingest` reads back, or a NumPy array with ids and payloads
// beside. A file appears under its name when it is whole.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/payload/value.h"

namespace lineal::cli {

class ExportWriter {
 public:
  virtual ~ExportWriter() = default;
  // A point as the server gives it: id, payload, vector.
  virtual absl::Status Add(const engine::Value& point) = 0;
  virtual absl::Status Finish() = 0;
};

// {"id":..., "vector":..., "payload":...} a line. "-" is standard output.
absl::StatusOr<std::unique_ptr<ExportWriter>> MakeJsonLinesWriter(const std::string& path, bool with_vectors);
// Vectors named `vector_name` as float32 rows; the ids and payloads of the same rows as JSON lines in `rows_path`.
absl::StatusOr<std::unique_ptr<ExportWriter>> MakeNpyWriter(const std::string& path, const std::string& rows_path,
                                                            std::string vector_name);

}  // namespace lineal::cli
