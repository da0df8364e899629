// Taking rows out that readers, tags and the history window would keep.
#include <algorithm>
#include <future>
#include <map>

#include "base/coding.h"
#include "base/status.h"
#include "engine/shard/row_record.h"
#include "engine/shard/shard.h"

namespace lineal::engine {
namespace {

constexpr size_t kRowsPerBatch = 1'000;
constexpr std::string_view kErasingPrefix = "erasing/";
constexpr std::string_view kRedactedPrefix = "redacted/";

}  // namespace

absl::Status Shard::LoadRedacted() {
  absl::Status failure;
  LINEAL_RETURN_IF_ERROR(store_->ScanMeta(kRedactedPrefix, [&](std::string_view, std::string_view value) {
    const auto rows = DecodeRedacted(value);
    failure = rows.status();
    if (rows.ok()) redacted_.Add(*rows);
    return failure.ok();
  }));
  return failure;
}

absl::Status Shard::BeginErasure(const std::string& id, const ErasedRows& erased) {
  {
    std::lock_guard lock(apply_mutex_);
    std::unique_ptr<storage::StoreBatch> batch = store_->NewBatch();
    batch->PutMeta(StrCat(kErasingPrefix, id), EncodeErasedRows(erased));
    LINEAL_RETURN_IF_ERROR(store_->Commit(std::move(batch), store_->applied()));
  }
  return store_->Flush();
}

absl::StatusOr<std::optional<ErasedRows>> Shard::ErasureOf(const std::string& id) const {
  LINEAL_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, store_->GetMeta(StrCat(kErasingPrefix, id)));
  if (!bytes) return std::nullopt;
  LINEAL_ASSIGN_OR_RETURN(ErasedRows erased, DecodeErasedRows(*bytes));
  return erased;
}

absl::StatusOr<std::vector<PointId>> Shard::PointsIn(std::span<const RowId> rows) const {
  std::vector<PointId> living;
  for (size_t begin = 0; begin < rows.size(); begin += kRowsPerBatch) {
    const std::span<const RowId> some = rows.subspan(begin, std::min(kRowsPerBatch, rows.size() - begin));
    LINEAL_ASSIGN_OR_RETURN(const auto values, store_->GetRows(some));
    std::vector<PointId> points;
    std::vector<RowId> there;
    for (size_t i = 0; i < some.size(); ++i) {
      if (!values[i]) continue;
      LINEAL_ASSIGN_OR_RETURN(const RowRecord record, DecodeRowRecord(*values[i]));
      points.push_back(record.point);
      there.push_back(some[i]);
    }
    LINEAL_ASSIGN_OR_RETURN(const auto entries, store_->GetPids(points));
    for (size_t i = 0; i < points.size(); ++i) {
      if (entries[i] && entries[i]->row == there[i] && entries[i]->alive()) living.push_back(points[i]);
    }
  }
  return living;
}

void Shard::CloseGrowing() {
  std::lock_guard lock(apply_mutex_);
  if (growing_->rows().size() > 0) ReplaceGrowing(nullptr);
}

void Shard::AwaitViews() {
  const auto gone = std::make_shared<std::promise<void>>();
  std::future<void> when_gone = gone->get_future();
  std::shared_ptr<const void> fresh(new char, [gone](const char* mark) {
    delete mark;
    gone->set_value();
  });
  {
    // Views of before hold the mark of before, whose end is that of the last of them.
    std::lock_guard lock(view_mutex_);
    views_.swap(fresh);
    std::swap(views_gone_, when_gone);
  }
  fresh.reset();
  if (when_gone.valid()) when_gone.wait();
}

absl::Status Shard::EraseRows(std::span<const RowId> rows) {
  for (size_t begin = 0; begin < rows.size(); begin += kRowsPerBatch) {
    LINEAL_RETURN_IF_ERROR(EraseSome(rows.subspan(begin, std::min(kRowsPerBatch, rows.size() - begin))));
  }
  return absl::OkStatus();
}

absl::Status Shard::EraseSome(std::span<const RowId> rows) {
  // All of it under the apply right: chains are changed that a write could make longer.
  std::lock_guard lock(apply_mutex_);
  LINEAL_ASSIGN_OR_RETURN(const auto values, store_->GetRows(rows));
  std::map<RowId, RowRecord> erased;
  std::vector<PointId> points;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!values[i]) continue;
    LINEAL_ASSIGN_OR_RETURN(erased[rows[i]], DecodeRowRecord(*values[i]));
    points.push_back(erased[rows[i]].point);
  }
  if (erased.empty()) return absl::OkStatus();
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());

  const auto death_of = [&](RowId row) -> absl::StatusOr<Seq> {
    Seq found = kSeqMax;
    LINEAL_RETURN_IF_ERROR(store_->ScanDied(row, [&](RowId at, Seq died) {
      if (at == row) found = died;
      return false;
    }));
    return found;
  };
  std::vector<RowId> there;
  std::vector<std::string> origin_keys;
  std::vector<RedactedRow> redacted;
  std::vector<Seq> seqs;
  for (const auto& [row, record] : erased) {
    there.push_back(row);
    origin_keys.push_back(OriginKey(row));
    LINEAL_ASSIGN_OR_RETURN(const Seq died, death_of(row));
    if (died == kSeqMax) return Internal("row ", Raw(row), " is to be erased and lives");
    redacted.push_back({record.born, died});
    seqs.push_back(record.born);
  }

  std::unique_ptr<storage::StoreBatch> batch = store_->NewBatch();
  LINEAL_ASSIGN_OR_RETURN(const auto entries, store_->GetPids(points));
  for (size_t i = 0; i < points.size(); ++i) {
    if (!entries[i]) continue;
    RowId newest = kNoRow;  // the newest row that stays
    RowId later = kNoRow;   // the row that stays before which others are looked for
    std::string later_bytes;
    bool cut = false;  // whether rows between the two go
    const auto mend = [&](RowId next) -> absl::Status {
      if (later == kNoRow || !cut) return absl::OkStatus();
      LINEAL_ASSIGN_OR_RETURN(RowRecord record, DecodeRowRecord(later_bytes));
      record.previous = next;
      batch->PutRow(later, EncodeRowRecord(record));
      return absl::OkStatus();
    };
    for (RowId row = entries[i]->row; row != kNoRow;) {
      if (const auto it = erased.find(row); it != erased.end()) {
        cut = true;
        row = it->second.previous;
        continue;
      }
      auto bytes = store_->GetRow(row);
      if (absl::IsNotFound(bytes.status())) break;
      LINEAL_RETURN_IF_ERROR(bytes.status());
      LINEAL_RETURN_IF_ERROR(mend(row));
      if (newest == kNoRow) newest = row;
      later = row;
      later_bytes = *std::move(bytes);
      cut = false;
      LINEAL_ASSIGN_OR_RETURN(const RowRecord record, DecodeRowRecord(later_bytes));
      row = record.previous;
    }
    LINEAL_RETURN_IF_ERROR(mend(kNoRow));
    if (newest == entries[i]->row) continue;
    if (newest == kNoRow) {
      batch->DeletePid(points[i]);
      continue;
    }
    LINEAL_ASSIGN_OR_RETURN(const std::string bytes, store_->GetRow(newest));
    LINEAL_ASSIGN_OR_RETURN(const RowRecord record, DecodeRowRecord(bytes));
    LINEAL_ASSIGN_OR_RETURN(const Seq died, death_of(newest));
    batch->PutPid(points[i], {newest, record.born, died});
  }

  LINEAL_ASSIGN_OR_RETURN(const auto origins, store_->GetOrigins(origin_keys));
  for (size_t i = 0; i < there.size(); ++i) {
    batch->DeleteRow(there[i]);
    batch->DeleteDied(there[i]);
    batch->DeleteOrigin(origin_keys[i]);
    const auto origin = origins[i] ? DecodeOrigin(*origins[i]) : std::nullopt;
    if (origin && origin->context != 0) batch->DeleteOrigin(ContextRowKey(origin->context, there[i]));
    if (origin && origin->source != 0) batch->DeleteOrigin(SourceRowKey(origin->source, there[i]));
  }
  std::vector<std::pair<RowId, Seq>> payloads;
  LINEAL_RETURN_IF_ERROR(FindPayloads(there, &payloads));
  for (const auto& [row, changed] : payloads) {
    batch->DeletePayload(row, changed);
    if (changed <= erased[row].born) continue;
    batch->DeleteOrigin(OriginChangeKey(row, changed));
    seqs.push_back(changed);
  }
  LINEAL_RETURN_IF_ERROR(ForgetDigests(std::move(seqs), batch.get()));
  std::string key(kRedactedPrefix);
  PutBig64(&key, Raw(there.front()));
  batch->PutMeta(key, EncodeRedacted(redacted));
  LINEAL_RETURN_IF_ERROR(store_->Commit(std::move(batch), store_->applied()));
  redacted_.Add(redacted);
  return absl::OkStatus();
}

// The digest of an entry's body is one of texts and vectors that could be guessed; nothing reads it again.
absl::Status Shard::ForgetDigests(std::vector<Seq> seqs, storage::StoreBatch* batch) const {
  std::sort(seqs.begin(), seqs.end());
  seqs.erase(std::unique(seqs.begin(), seqs.end()), seqs.end());
  for (const Seq seq : seqs) {
    LINEAL_RETURN_IF_ERROR(store_->ScanChanges(seq, [&](Seq at, const storage::ChangeRecord& change) {
      if (at != seq) return false;
      storage::ChangeRecord kept = change;
      kept.body_digest = Digest{};
      batch->PutChange(seq, kept);
      return false;
    }));
  }
  return absl::OkStatus();
}

absl::Status Shard::EraseSources(std::span<const uint32_t> sources) {
  std::lock_guard lock(apply_mutex_);
  std::unique_ptr<storage::StoreBatch> batch = store_->NewBatch();
  for (const uint32_t source : sources) {
    const std::string rows = SourceRowsKey(source), name = SourceKey(source);
    bool used = false;
    LINEAL_RETURN_IF_ERROR(store_->ScanOrigins(rows, [&](std::string_view key, std::string_view) {
      used = key.starts_with(rows);
      return false;
    }));
    LINEAL_ASSIGN_OR_RETURN(const auto stored, store_->GetOrigins({&name, 1}));
    if (used || !stored[0]) continue;
    const auto decoded = DecodeSource(*stored[0]);
    if (!decoded) return DataLoss("source ", source, " cannot be read");
    batch->DeleteOrigin(name);
    batch->DeleteOrigin(SourceNumberKey(*stored[0]));
    batch->DeleteOrigin(SourceVersionKey(*decoded, source));
  }
  return store_->Commit(std::move(batch), store_->applied());
}

absl::Status Shard::RemoveStraySegments() {
  const Manifest manifest = ManifestOf(*segments());
  segment_store_.RemoveStrays(manifest);
  LINEAL_ASSIGN_OR_RETURN(const auto names, environment_.files->List(segment_store_.directory()));
  for (const std::string& name : names) {
    const bool named = name == "MANIFEST" || std::ranges::any_of(manifest.segments, [&](const Manifest::Entry& entry) {
                         return StrCat(entry.id) == name;
                       });
    if (!named) return Unavailable(segment_store_.directory(), "/", name, " could not be removed");
  }
  return absl::OkStatus();
}

absl::Status Shard::CheckErased(std::span<const RowId> rows) const {
  for (size_t begin = 0; begin < rows.size(); begin += kRowsPerBatch) {
    const std::span<const RowId> some = rows.subspan(begin, std::min(kRowsPerBatch, rows.size() - begin));
    LINEAL_ASSIGN_OR_RETURN(const auto values, store_->GetRows(some));
    for (size_t i = 0; i < some.size(); ++i) {
      if (values[i]) return Unavailable("row ", Raw(some[i]), " is still in the data");
    }
  }
  const std::shared_ptr<const SegmentList> list = segments();
  for (const RowId row : rows) {
    if (Locate(*list, row)) return Unavailable("row ", Raw(row), " is still in a segment");
  }
  return absl::OkStatus();
}

absl::Status Shard::EndErasure(const std::string& id) {
  std::lock_guard lock(apply_mutex_);
  std::unique_ptr<storage::StoreBatch> batch = store_->NewBatch();
  batch->DeleteMeta(StrCat(kErasingPrefix, id));
  return store_->Commit(std::move(batch), store_->applied());
}

}  // namespace lineal::engine
