// Writes one sealed or history segment's files from rows that lie in other segments.
//
// Threads: one.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/optimizer/compaction.h"
#include "engine/shard/shard.h"

namespace lineal::engine {

class SegmentWriter {
 public:
  SegmentWriter(Shard& shard, const CompactionOptions& options) : shard_(shard), options_(options) {}

  // `rows` in RowId order. The result is loaded from its files, not yet part of the shard.
  absl::StatusOr<std::shared_ptr<const Segment>> Write(const std::vector<RowPlace>& rows, SegmentKind kind);

  // Builds into the folder of an existing segment what `wanted` lists and is not there, and loads it again.
  absl::StatusOr<std::shared_ptr<const Segment>> Complete(const std::shared_ptr<const Segment>& segment);

 private:
  absl::StatusOr<std::shared_ptr<const Segment>> WriteFolder(uint64_t id, const std::vector<RowPlace>& rows,
                                                             SegmentKind kind);
  absl::Status WriteRows(uint64_t id, const std::vector<RowPlace>& rows);
  absl::Status WriteVectors(uint64_t id, const VectorDef& vector, const std::vector<RowPlace>& rows);
  absl::Status WriteFields(uint64_t id, const std::vector<const FieldDef*>& fields, const std::vector<RowPlace>& rows,
                           RowSet* stale);
  absl::StatusOr<std::shared_ptr<const index::RowCodes>> WriteCodes(uint64_t id, const VectorDef& vector,
                                                                    const VectorColumn& column, uint32_t rows);
  absl::Status WriteIndex(uint64_t id, const VectorDef& vector, const VectorColumn& column,
                          const std::vector<RowPlace>& rows);
  absl::Status WriteLists(uint64_t id, const VectorDef& vector, const VectorColumn& column,
                          const std::vector<RowPlace>& rows);
  absl::Status WriteGraph(uint64_t id, const VectorDef& vector, const VectorColumn& column,
                          const std::vector<RowPlace>& rows);
  absl::Status WriteListedRows(uint64_t id, const VectorDef& vector, const VectorColumn& column,
                               const index::IvfIndex& lists);
  absl::Status AlignTenants(const TableSchema& schema, const Segment& segment, const VectorDef& vector);
  absl::Status AlignListedRows(uint64_t id, const VectorDef& vector, const VectorColumn& column);
  absl::Status AlignCodes(uint64_t id, const VectorDef& vector, const VectorColumn& column, uint32_t rows);

  Shard& shard_;
  const CompactionOptions options_;
};

}  // namespace lineal::engine
