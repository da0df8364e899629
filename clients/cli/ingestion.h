// Moves every record of a file into a collection: one thread reads, several embed and write, and what is acknowledged
// up to is reported as it grows.
//
// Threads: Ingest() on one; it uses threads of its own while it runs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "clients/cli/embedder.h"
#include "clients/cli/point_writer.h"
#include "clients/cli/record_reader.h"
#include "clients/cli/record_shape.h"

namespace lineal::cli {

struct IngestionOptions {
  ShapeOptions shape;
  size_t batch = 256;     // points a request
  size_t parallel = 4;    // requests under way
  bool skip_bad = false;  // pass over records that cannot be read, instead of stopping
};

struct IngestionParts {
  std::function<absl::StatusOr<std::unique_ptr<Embedder>>()> make_embedder;   // once a thread; only for texts
  std::function<absl::StatusOr<std::unique_ptr<PointWriter>>()> make_writer;  // once a thread
  // Called once, with the number of components of the first vector, before anything is written.
  std::function<absl::Status(size_t dim)> before_first;
  // All up to there are durable. Calls come one at a time, positions go up.
  std::function<void(const ReadPosition& position, uint64_t records)> acknowledged;
  std::function<void(const absl::Status& problem)> skipped;
};

struct IngestionSummary {
  uint64_t records = 0;  // acknowledged in this run
  uint64_t skipped = 0;
};

// The first error stops it, after what is under way has ended; what `acknowledged` said stays true.
absl::StatusOr<IngestionSummary> Ingest(RecordReader* reader, const IngestionOptions& options,
                                        const IngestionParts& parts);

}  // namespace lineal::cli
