#include "engine/shard/shard_view.h"

#include <algorithm>

#include "base/status.h"
#include "engine/payload/codec.h"
#include "engine/shard/row_record.h"

namespace lineal::engine {

std::optional<RowPlace> Locate(const SegmentList& segments, RowId row) {
  for (auto it = segments.rbegin(); it != segments.rend(); ++it) {
    if (auto local = (*it)->rows().Find(row)) return RowPlace{it->get(), *local};
  }
  return std::nullopt;
}

ShardView::ShardView(std::shared_ptr<const SegmentList> segments, std::shared_ptr<const TableSchema> schema,
                     const storage::ShardStore* store, ReaderRegistry* registry, Seq at, bool historic,
                     std::shared_ptr<const void> stay)
    : segments_(std::move(segments)),
      schema_(std::move(schema)),
      store_(store),
      registry_(registry),
      at_(at),
      stay_(std::move(stay)) {
  for (const auto& segment : *segments_) {
    if (historic || segment->kind() != SegmentKind::kHistory) visible_segments_.push_back(segment.get());
  }
}

ShardView::~ShardView() { registry_->Leave(at_); }

std::optional<RowPlace> ShardView::FindPoint(const PointId& id) const {
  absl::StatusOr<std::optional<storage::PidEntry>> newest = store_->GetPid(id);
  if (!newest.ok()) {
    Remember(newest.status());
    return std::nullopt;
  }
  if (!newest->has_value()) return std::nullopt;
  return Resolve(**newest);
}

std::optional<RowPlace> ShardView::Resolve(const storage::PidEntry& newest) const {
  RowId row = newest.row;
  Seq born = newest.born;
  if (born <= at_ && newest.died <= at_) return std::nullopt;
  while (born > at_) {
    absl::StatusOr<std::string> bytes = store_->GetRow(row);
    if (absl::IsNotFound(bytes.status())) return std::nullopt;
    absl::StatusOr<RowRecord> record = bytes.ok() ? DecodeRowRecord(*bytes) : bytes.status();
    if (!record.ok()) {
      Remember(record.status());
      return std::nullopt;
    }
    row = record->previous;
    if (row == kNoRow) return std::nullopt;
    std::optional<RowPlace> place = Locate(*segments_, row);
    if (!place) return std::nullopt;
    born = place->segment->rows().born(place->local);
  }
  std::optional<RowPlace> place = Locate(*segments_, row);
  if (!place || !place->segment->rows().VisibleAt(place->local, at_)) return std::nullopt;
  return place;
}

std::vector<RowPlace> ShardView::RowsEverOf(const PointId& id) const {
  std::vector<RowPlace> places;
  absl::StatusOr<std::optional<storage::PidEntry>> newest = store_->GetPid(id);
  if (!newest.ok()) Remember(newest.status());
  if (!newest.ok() || !newest->has_value()) return places;
  for (RowId row = (*newest)->row; row != kNoRow;) {
    const std::optional<RowPlace> place = Locate(*segments_, row);
    if (!place) break;
    if (place->segment->rows().born(place->local) <= at_) places.push_back(*place);
    const absl::StatusOr<std::string> bytes = store_->GetRow(row);
    const absl::StatusOr<RowRecord> record = bytes.ok() ? DecodeRowRecord(*bytes) : bytes.status();
    if (!record.ok() && !absl::IsNotFound(record.status())) Remember(record.status());
    if (!record.ok()) break;
    row = record->previous;
  }
  return places;
}

uint64_t ShardView::VersionOf(const RowPlace& place) const {
  const uint64_t born = Raw(place.segment->rows().born(place.local));
  if (!place.segment->stale().Test(place.local)) return born;
  absl::StatusOr<std::optional<storage::PayloadVersion>> payload = store_->GetPayload(place.row(), at_);
  if (!payload.ok()) {
    Remember(payload.status());
    return born;
  }
  return payload->has_value() ? std::max(born, Raw((*payload)->born)) : born;
}

Value ShardView::PayloadOf(RowId row) const {
  absl::StatusOr<std::optional<storage::PayloadVersion>> payload = store_->GetPayload(row, at_);
  if (!payload.ok()) {
    Remember(payload.status());
    return Value::EmptyObject();
  }
  if (!payload->has_value() || (*payload)->value.empty()) return Value::EmptyObject();
  absl::StatusOr<Value> value = DecodePayload((*payload)->value);
  if (!value.ok()) {
    Remember(value.status());
    return Value::EmptyObject();
  }
  return *std::move(value);
}

std::vector<RowId> ShardView::RowsOf(const std::vector<PointId>& ids) const {
  std::vector<RowId> rows;
  absl::StatusOr<std::vector<std::optional<storage::PidEntry>>> entries = store_->GetPids(ids);
  if (!entries.ok()) {
    Remember(entries.status());
    return rows;
  }
  for (const std::optional<storage::PidEntry>& entry : *entries) {
    if (!entry) continue;
    if (std::optional<RowPlace> place = Resolve(*entry)) rows.push_back(place->row());
  }
  return rows;
}

absl::Status ShardView::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

void ShardView::Remember(const absl::Status& status) const {
  std::lock_guard lock(mutex_);
  if (status_.ok()) status_ = status;
}

}  // namespace lineal::engine
