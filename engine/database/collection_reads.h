// The views of one read over all shards of a collection, with its filter, ready to be asked segment by segment.
//
// Threads: one request's.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "base/deadline.h"
#include "engine/filter/compiled_filter.h"
#include "engine/segment/segment_read.h"
#include "engine/shard/shard_view.h"

namespace lineal::engine {

// A row found, and the view it was found in.
struct FoundRow {
  const ShardView* view = nullptr;
  RowPlace place;
  PointId point() const { return place.segment->rows().point(place.local); }
};

class CollectionReads {
 public:
  static absl::StatusOr<CollectionReads> Make(std::vector<std::unique_ptr<ShardView>> views, const Filter& filter,
                                              const Deadline& deadline);

  struct Part {
    const ShardView* view;
    std::unique_ptr<SegmentRead> read;
  };
  const std::vector<Part>& parts() const { return parts_; }
  const std::vector<std::unique_ptr<ShardView>>& views() const { return views_; }
  bool passes_all() const { return filter_->passes_all(); }
  uint64_t rows_max() const;

  // Every row that passes, until `visit` returns false. DEADLINE_EXCEEDED or a failure of storage.
  absl::Status ForEach(const std::function<bool(const FoundRow&)>& visit) const;
  bool Passes(const ShardView& view, const RowPlace& place) const;
  // What storage had to say meanwhile, and the deadline.
  absl::Status status() const;

 private:
  std::vector<std::unique_ptr<ShardView>> views_;
  std::shared_ptr<const CompiledFilter> filter_;
  std::vector<Part> parts_;
  Deadline deadline_;
};

}  // namespace lineal::engine
