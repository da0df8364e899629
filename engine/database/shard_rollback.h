// Which of a shard's points to put back to which state, and the entries that do it.
//
// Nobody may write to the shard meanwhile.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/api/revision.h"
#include "engine/shard/origin_read.h"
#include "engine/shard/shard.h"
#include "engine/shard/shard_op.h"

namespace lineal::engine {

class ShardRollback {
 public:
  // `shard` outlives this.
  static absl::StatusOr<std::unique_ptr<ShardRollback>> Make(Shard* shard, const Deadline& deadline);

  // All points as they were at `seq`.
  absl::Status To(Seq seq);
  // The points whose last changes are the run's, as they were before those. OUT_OF_RANGE if that is no longer kept.
  absl::Status Undo(const std::string& run);

  uint64_t restored() const { return restored_; }
  uint64_t removed() const { return removed_; }
  uint64_t kept() const { return kept_; }
  // Contexts of what is restored, with the number of points.
  std::vector<ContextCount> contexts() const;
  // To be written in this order.
  std::vector<std::string> Entries(const IngestContext& of_removals) const;

 private:
  ShardRollback(Shard* shard, std::unique_ptr<ShardView> now, const Deadline& deadline)
      : shard_(shard), now_(std::move(now)), deadline_(deadline) {}
  // As the point was in the view, which may have none of it.
  absl::Status Restore(const PointId& id, const ShardView& view, OriginRead* origins);

  Shard* const shard_;
  const std::unique_ptr<ShardView> now_;
  const Deadline deadline_;
  uint64_t restored_ = 0, removed_ = 0, kept_ = 0;
  std::vector<PointId> removals_;
  struct Group {
    IngestContext context;
    std::vector<SourceVersion> sources;
    std::vector<OpPoint> points;
  };
  std::map<std::string, Group> groups_;  // by the encoded context
  std::deque<std::string> bytes_;        // what the points view
};

}  // namespace lineal::engine
