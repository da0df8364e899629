#include <algorithm>

#include "base/coding.h"
#include "base/status.h"
#include "engine/shard/row_record.h"
#include "engine/shard/shard.h"

namespace lineal::engine {
namespace {

constexpr size_t kPurgeRowsPerBatch = 1000;
constexpr uint64_t kRowsBetweenMax = 16;
constexpr int64_t kRequestIdTtlMs = 24 * 3600 * 1000;

}  // namespace

Seq Shard::AdvanceFloor() {
  const int64_t cutoff_ms = environment_.clock->WallMs() - schema()->optimizer.history_window_s * 1000;
  Seq reached = floor();
  (void)store_->ScanChanges(Next(reached), [&](Seq seq, const storage::ChangeRecord& change) {
    if (change.wall_ms > cutoff_ms) return false;
    reached = seq;
    return true;
  });
  std::lock_guard lock(view_mutex_);
  reached = readers_.Oldest(std::min(reached, visible()));
  if (reached > floor()) floor_.store(Raw(reached));
  return floor();
}

void Shard::BeginChangeWatch() {
  std::lock_guard lock(apply_mutex_);
  ++change_watches_;
}

void Shard::EndChangeWatch() {
  std::lock_guard lock(apply_mutex_);
  if (--change_watches_ == 0) changed_rows_.clear();
}

Manifest Shard::ManifestOf(const SegmentList& segments) const {
  // Read first: a payload change marked after this is found again by rolling forward from here.
  const Seq watermark = visible();
  const std::shared_ptr<const TableSchema> schema = this->schema();
  Manifest manifest;
  manifest.next_segment_id = next_segment_id_.load();
  manifest.purging = purges_.load() > 0;
  bool growing_found = false;
  for (const auto& segment : segments) {
    if (segment->kind() != SegmentKind::kGrowing) {
      manifest.segments.push_back(EntryOf(*segment, *schema, watermark));
    } else if (segment->rows().size() > 0) {
      const RowId first = segment->rows().row(LocalId{0});
      manifest.growing_from = growing_found ? std::min(manifest.growing_from, first) : first;
      growing_found = true;
    }
  }
  if (growing_found) return manifest;
  for (const auto& segment : segments) {
    const uint32_t rows = segment->rows().size();
    if (rows == 0) continue;
    manifest.growing_from = std::max(manifest.growing_from, RowId{Raw(segment->rows().row(LocalId{rows - 1})) + 1});
  }
  return manifest;
}

absl::Status Shard::SaveManifest() {
  std::lock_guard lock(manifest_mutex_);
  return segment_store_.WriteManifest(ManifestOf(*segments()));
}

absl::Status Shard::Swap(const std::vector<uint64_t>& removed, std::vector<std::shared_ptr<const Segment>> added,
                         const std::vector<RowId>& purged) {
  // What a sealed segment holds must survive a crash in the data too, or a replay would give its rows a second time.
  LINEAL_RETURN_IF_ERROR(store_->Flush());
  auto is_removed = [&](const auto& segment) {
    return std::find(removed.begin(), removed.end(), segment->id()) != removed.end();
  };
  std::vector<std::shared_ptr<const Segment>> gone;
  {
    std::lock_guard apply_lock(apply_mutex_);
    auto list = std::make_shared<SegmentList>();
    for (const auto& segment : *segments()) (is_removed(segment) ? gone : *list).push_back(segment);
    for (const auto& segment : gone) {
      const RowTable& rows = segment->rows();
      for (uint32_t i = 0; i < rows.size(); ++i) {
        const Seq died = rows.died(LocalId{i});
        if (died == kSeqMax) continue;
        if (auto place = Locate(added, rows.row(LocalId{i}))) place->segment->rows().MarkDied(place->local, died);
      }
    }
    for (RowId row : changed_rows_) {
      if (auto place = Locate(added, row)) place->segment->stale().Set(place->local);
    }
    list->insert(list->begin(), added.begin(), added.end());
    std::lock_guard view_lock(view_mutex_);
    segments_.Set(list);
  }
  backlog_.Shrunk();
  if (!purged.empty()) ++purges_;
  LINEAL_RETURN_IF_ERROR(SaveManifest());
  for (const auto& segment : gone) {
    const bool kept = std::any_of(added.begin(), added.end(),
                                  [&](const auto& fresh) { return fresh->parts().files == segment->parts().files; });
    if (!kept) SegmentStore::Obsolete(*segment);
  }
  if (purged.empty()) return absl::OkStatus();
  LINEAL_RETURN_IF_ERROR(Purge(purged));
  --purges_;
  return absl::OkStatus();
}

// Dead rows and their payloads change no more: only the id map is read under the apply right.
absl::Status Shard::Purge(std::vector<RowId> rows) {
  std::sort(rows.begin(), rows.end());
  for (size_t begin = 0; begin < rows.size(); begin += kPurgeRowsPerBatch) {
    const std::span<const RowId> some =
        std::span<const RowId>(rows).subspan(begin, std::min(kPurgeRowsPerBatch, rows.size() - begin));
    LINEAL_ASSIGN_OR_RETURN(auto values, store_->GetRows(some));
    std::vector<RowId> there;
    std::vector<PointId> points;
    std::vector<Seq> born;
    std::vector<std::string> origin_keys;
    for (size_t i = 0; i < some.size(); ++i) {
      if (!values[i]) continue;
      LINEAL_ASSIGN_OR_RETURN(RowRecord record, DecodeRowRecord(*values[i]));
      there.push_back(some[i]);
      points.push_back(record.point);
      born.push_back(record.born);
      origin_keys.push_back(OriginKey(some[i]));
    }
    if (there.empty()) continue;
    LINEAL_ASSIGN_OR_RETURN(auto origins, store_->GetOrigins(origin_keys));
    std::vector<std::pair<RowId, Seq>> payloads;
    LINEAL_RETURN_IF_ERROR(FindPayloads(there, &payloads));

    std::lock_guard lock(apply_mutex_);
    std::unique_ptr<storage::StoreBatch> batch = store_->NewBatch();
    std::string floor_bytes;
    PutFixed(&floor_bytes, floor_.load());
    batch->PutMeta("floor", floor_bytes);
    LINEAL_ASSIGN_OR_RETURN(auto entries, store_->GetPids(points));
    for (size_t i = 0; i < there.size(); ++i) {
      if (entries[i] && entries[i]->row == there[i] && !entries[i]->alive()) batch->DeletePid(points[i]);
      batch->DeleteRow(there[i]);
      batch->DeleteDied(there[i]);
      batch->DeleteOrigin(origin_keys[i]);
      const auto origin = origins[i] ? DecodeOrigin(*origins[i]) : std::nullopt;
      if (origin && origin->context != 0) batch->DeleteOrigin(ContextRowKey(origin->context, there[i]));
      if (origin && origin->source != 0) batch->DeleteOrigin(SourceRowKey(origin->source, there[i]));
    }
    for (const auto& [row, changed] : payloads) {
      batch->DeletePayload(row, changed);
      const auto at = std::lower_bound(there.begin(), there.end(), row);
      if (changed > born[static_cast<size_t>(at - there.begin())]) batch->DeleteOrigin(OriginChangeKey(row, changed));
    }
    LINEAL_RETURN_IF_ERROR(store_->Commit(std::move(batch), store_->applied()));
  }
  return absl::OkStatus();
}

// `rows` are sorted. Rows that lie close together are read in one pass over them and what is between.
absl::Status Shard::FindPayloads(std::span<const RowId> rows, std::vector<std::pair<RowId, Seq>>* payloads) const {
  const auto scan = [&](std::span<const RowId> wanted) {
    size_t next = 0;
    return store_->ScanPayloads(wanted.front(), [&](RowId at, Seq born, std::string_view) {
      while (next < wanted.size() && wanted[next] < at) ++next;
      if (next == wanted.size()) return false;
      if (wanted[next] == at) payloads->emplace_back(at, born);
      return true;
    });
  };
  if (Raw(rows.back()) - Raw(rows.front()) < kRowsBetweenMax * rows.size()) return scan(rows);
  for (size_t i = 0; i < rows.size(); ++i) LINEAL_RETURN_IF_ERROR(scan(rows.subspan(i, 1)));
  return absl::OkStatus();
}

absl::Status Shard::PurgeLeftover() {
  if (leftover_.empty()) return absl::OkStatus();
  LINEAL_RETURN_IF_ERROR(Purge(leftover_));
  leftover_.clear();
  --purges_;
  return absl::OkStatus();
}

absl::Status Shard::TrimHistory() {
  // Payload changes are rolled forward from the manifest's watermark: it moves before the history behind it goes.
  const Seq upto = floor();
  std::vector<RowId> changed;
  Seq last = kNoSeq;
  int64_t now_ms = environment_.clock->WallMs();
  LINEAL_RETURN_IF_ERROR(store_->ScanChanges(Seq{1}, [&](Seq seq, const storage::ChangeRecord& change) {
    if (seq > upto || changed.size() > 100'000) return false;
    changed.insert(changed.end(), change.payload_changed.begin(), change.payload_changed.end());
    last = seq;
    return true;
  }));
  if (last == kNoSeq) return absl::OkStatus();
  LINEAL_RETURN_IF_ERROR(SaveManifest());
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());

  std::lock_guard lock(apply_mutex_);
  std::unique_ptr<storage::StoreBatch> batch = store_->NewBatch();
  std::string floor_bytes;
  PutFixed(&floor_bytes, Raw(upto));
  batch->PutMeta("floor", floor_bytes);
  for (RowId row : changed) {
    bool seen_current = false;
    LINEAL_RETURN_IF_ERROR(store_->ScanPayloads(row, [&](RowId at, Seq born, std::string_view) {
      if (at != row) return false;
      if (seen_current) {
        batch->DeletePayload(row, born);
        batch->DeleteOrigin(OriginChangeKey(row, born));
      }
      seen_current |= born <= upto;
      return true;
    }));
  }
  batch->DeleteChangesUpTo(last);
  LINEAL_RETURN_IF_ERROR(store_->ScanMeta("request/", [&](std::string_view key, std::string_view value) {
    Reader reader(value);
    reader.Varint();
    const auto wall_ms = reader.Fixed<int64_t>();
    if (reader.ok() && wall_ms + kRequestIdTtlMs < now_ms) batch->DeleteMeta(key);
    return true;
  }));
  return store_->Commit(std::move(batch), store_->applied());
}

absl::Status Shard::ReleaseLog() {
  const Seq durable = store_->durable();
  log_->Release(durable);
  return absl::OkStatus();
}

absl::Status Shard::FlushAll() {
  LINEAL_RETURN_IF_ERROR(store_->Flush());
  LINEAL_RETURN_IF_ERROR(SaveManifest());
  return ReleaseLog();
}

absl::Status Shard::Checkpoint(const std::string& directory) {
  std::lock_guard lock(apply_mutex_);
  return store_->Checkpoint(directory);
}

}  // namespace lineal::engine
