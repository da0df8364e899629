// A write request checked against the schema and cut into one entry a shard: vectors encoded as they are stored,
// payload in its canonical bytes, ids and filters sent where they belong.
//
// Threads: none of its own; borrows the request for its own life.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "engine/api/write.h"
#include "engine/segment/table_schema.h"
#include "engine/shard/shard_op.h"

namespace lineal::engine {

// Which of a collection's shards a point lives in: its hash picks one of a fixed number of slots, and the slots are
// dealt to the shards in runs.
uint32_t ShardOf(const PointId& id, uint32_t shard_count);

class WritePlan {
 public:
  // INVALID_ARGUMENT naming what is wrong: dimension, vector name, number, size.
  static absl::StatusOr<WritePlan> Make(const WriteRequest& request, const TableSchema& schema, uint32_t shard_count);

  // One a shard; without operations where the shard has no part.
  const std::vector<ShardOps>& parts() const { return parts_; }
  bool frees_space() const { return frees_space_; }

 private:
  absl::Status Add(const WriteOp& op, const TableSchema& schema);
  absl::Status AddPoints(const std::vector<PointInput>& points, const TableSchema& schema, bool whole);
  absl::StatusOr<std::string_view> Payload(const Value& payload);
  absl::StatusOr<StoredVector> Vector(const NamedVector& vector, const TableSchema& schema);
  // One selector a shard; a shard without a part gets none.
  std::vector<std::optional<OpSelector>> Split(const PointSelector& selector) const;
  template <class Op>
  void AddSelected(const PointSelector& selector, const Op& op);

  // 1 + its place among those of the shard's part.
  absl::StatusOr<uint32_t> Source(const SourceVersion& source, size_t shard);

  std::vector<ShardOps> parts_;
  std::vector<absl::flat_hash_map<std::string, uint32_t>> source_places_;  // one a shard, by encoded sources
  std::deque<std::string> bytes_;                                          // what the ops view
  bool frees_space_ = true;
};

}  // namespace lineal::engine
