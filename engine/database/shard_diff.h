// What changed of one shard's points between two states.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/api/revision.h"
#include "engine/shard/origin_read.h"
#include "engine/shard/shard_view.h"

namespace lineal::engine {

// The payload's canonical bytes at the view's seq; empty for none.
absl::StatusOr<std::string> PayloadBytes(const ShardView& view, RowId row);

class ShardDiff {
 public:
  // Both outlive this; `from` is not newer than `to`.
  ShardDiff(const ShardView& from, const ShardView& to) : from_(from), to_(to), from_origins_(from), to_origins_(to) {}

  // Points of which any row began, ended or got another payload between the two, in the order of their ids.
  absl::StatusOr<std::vector<PointId>> Touched() const;
  // Nothing if both states are equal. `shown` gets the origin of the later state, or of the earlier one if it is gone.
  absl::StatusOr<std::optional<PointChange>> Compare(const PointId& id, PointOrigin* shown);

 private:
  absl::StatusOr<bool> SameVectors(RowId a, RowId b) const;

  const ShardView& from_;
  const ShardView& to_;
  OriginRead from_origins_, to_origins_;
};

}  // namespace lineal::engine
