// One shard at one seq: the segments as they were when the view was opened, and the rows behind them. What a view can
// see stays for as long as the view lives.
//
// Threads: any; one view is used by one request.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/segment/segment.h"
#include "engine/segment/segment_read.h"
#include "engine/shard/reader_registry.h"
#include "storage/rows/shard_store.h"

namespace lineal::engine {

// A row where it lies.
struct RowPlace {
  const Segment* segment = nullptr;
  LocalId local{0};
  RowId row() const { return segment->rows().row(local); }
};

std::optional<RowPlace> Locate(const SegmentList& segments, RowId row);

class ShardView final : public PayloadSource {
 public:
  // The registry must already hold `at`; the view leaves it.
  ShardView(std::shared_ptr<const SegmentList> segments, std::shared_ptr<const TableSchema> schema,
            const storage::ShardStore* store, ReaderRegistry* registry, Seq at, bool historic,
            std::shared_ptr<const void> stay = nullptr);
  ~ShardView() override;
  ShardView(const ShardView&) = delete;
  ShardView& operator=(const ShardView&) = delete;

  Seq at() const { return at_; }
  const TableSchema& schema() const { return *schema_; }
  const storage::ShardStore& store() const { return *store_; }
  // The segments a read at this seq has to look at.
  const std::vector<const Segment*>& segments() const { return visible_segments_; }

  // The point's row at this seq; nothing if it had none.
  std::optional<RowPlace> FindPoint(const PointId& id) const;
  // The same, when the newest entry of the point is already at hand.
  std::optional<RowPlace> Resolve(const storage::PidEntry& newest) const;
  // Wherever it lies, seen or not.
  std::optional<RowPlace> Find(RowId row) const { return Locate(*segments_, row); }
  // Every row of the point born by this seq that is kept, living or dead, the newest first.
  std::vector<RowPlace> RowsEverOf(const PointId& id) const;
  // The seq that last changed the row or its payload.
  uint64_t VersionOf(const RowPlace& place) const;

  Value PayloadOf(RowId row) const override;
  std::vector<RowId> RowsOf(const std::vector<PointId>& ids) const override;

  // The first failure of storage that a read met; OK if none.
  absl::Status status() const;
  void Remember(const absl::Status& status) const override;

 private:
  const std::shared_ptr<const SegmentList> segments_;
  const std::shared_ptr<const TableSchema> schema_;
  const storage::ShardStore* const store_;
  ReaderRegistry* const registry_;
  const Seq at_;
  const std::shared_ptr<const void> stay_;  // held while the view is open
  std::vector<const Segment*> visible_segments_;
  mutable std::mutex mutex_;
  mutable absl::Status status_;
};

}  // namespace lineal::engine
