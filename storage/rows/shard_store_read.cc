// Point reads and scans of a shard's data.
#include <algorithm>
#include <numeric>
#include <utility>

#include "base/status.h"
#include "rocksdb/iterator.h"
#include "rocksdb/options.h"
#include "storage/rows/local_pid_cursor.h"
#include "storage/rows/local_shard_store.h"
#include "storage/rows/meta_keys.h"
#include "storage/rows/row_keys.h"

namespace lineal::storage {

absl::StatusOr<std::string> LocalShardStore::GetRow(RowId row) const {
  LINEAL_ASSIGN_OR_RETURN(std::optional<std::string> value, database_->Get(Family::kRows, RowKey(row)));
  if (!value) return NotFound("row ", Raw(row), " is not there");
  return *std::move(value);
}

absl::StatusOr<std::vector<std::optional<std::string>>> LocalShardStore::GetRows(std::span<const RowId> rows) const {
  std::vector<std::string> keys;
  keys.reserve(rows.size());
  for (RowId row : rows) keys.push_back(RowKey(row));
  return database_->MultiGet(Family::kRows, keys);
}

absl::StatusOr<std::optional<PidEntry>> LocalShardStore::GetPid(const PointId& id) const {
  const std::string key = PidKey(id);
  LINEAL_ASSIGN_OR_RETURN(std::optional<std::string> value, database_->Get(Family::kPid, key));
  if (!value) return std::nullopt;
  std::optional<PidEntry> entry = DecodePid(*value);
  if (!entry) return Damaged("pid", key);
  return entry;
}

absl::StatusOr<std::vector<std::optional<PidEntry>>> LocalShardStore::GetPids(std::span<const PointId> ids) const {
  std::vector<std::string> keys;
  keys.reserve(ids.size());
  for (const PointId& id : ids) keys.push_back(PidKey(id));
  LINEAL_ASSIGN_OR_RETURN(std::vector<std::optional<std::string>> values, database_->MultiGet(Family::kPid, keys));
  std::vector<std::optional<PidEntry>> entries(ids.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (!values[i]) continue;
    entries[i] = DecodePid(*values[i]);
    if (!entries[i]) return Damaged("pid", keys[i]);
  }
  return entries;
}

absl::StatusOr<std::optional<PayloadVersion>> LocalShardStore::GetPayload(RowId row, Seq at) const {
  LINEAL_ASSIGN_OR_RETURN(auto versions, GetPayloads(std::span(&row, 1), at));
  return std::move(versions[0]);
}

// One iterator, moved in key order.
absl::StatusOr<std::vector<std::optional<PayloadVersion>>> LocalShardStore::GetPayloads(std::span<const RowId> rows,
                                                                                        Seq at) const {
  std::vector<size_t> order(rows.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return rows[a] < rows[b]; });
  std::vector<std::optional<PayloadVersion>> found(rows.size());
  std::unique_ptr<rocksdb::Iterator> cursor = database_->NewIterator(Family::kPayload, rocksdb::ReadOptions());
  for (size_t i : order) {
    cursor->Seek(PayloadKey(rows[i], at));
    if (!cursor->Valid()) {
      LINEAL_RETURN_IF_ERROR(database_->ReadFailed(cursor->status()));
      continue;
    }
    std::optional<PayloadPlace> place = PlaceOfPayloadKey({cursor->key().data(), cursor->key().size()});
    if (!place) return Damaged("payload", {cursor->key().data(), cursor->key().size()});
    if (place->row != rows[i]) continue;
    found[i] = PayloadVersion{place->born, cursor->value().ToString()};
  }
  return found;
}

absl::StatusOr<std::optional<std::string>> LocalShardStore::GetMeta(std::string_view key) const {
  return database_->Get(Family::kMeta, UserMetaKey(key));
}

absl::StatusOr<std::vector<std::optional<std::string>>> LocalShardStore::GetOrigins(
    std::span<const std::string> keys) const {
  return database_->MultiGet(Family::kOrigins, keys);
}

absl::Status LocalShardStore::ScanOrigins(std::string_view from,
                                          const std::function<bool(std::string_view, std::string_view)>& visit) const {
  return database_->Scan(Family::kOrigins, from, visit);
}

absl::Status LocalShardStore::ScanRows(RowId from, const std::function<bool(RowId, std::string_view)>& visit) const {
  absl::Status damaged;
  LINEAL_RETURN_IF_ERROR(
      database_->Scan(Family::kRows, RowKey(from), [&](std::string_view key, std::string_view value) {
        std::optional<RowId> row = RowOfKey(key);
        if (!row) damaged = Damaged("rows", key);
        return row && visit(*row, value);
      }));
  return damaged;
}

absl::Status LocalShardStore::ScanPayloads(RowId from,
                                           const std::function<bool(RowId, Seq, std::string_view)>& visit) const {
  absl::Status damaged;
  LINEAL_RETURN_IF_ERROR(
      database_->Scan(Family::kPayload, RowKey(from), [&](std::string_view key, std::string_view value) {
        std::optional<PayloadPlace> place = PlaceOfPayloadKey(key);
        if (!place) damaged = Damaged("payload", key);
        return place && visit(place->row, place->born, value);
      }));
  return damaged;
}

absl::Status LocalShardStore::ScanDied(RowId from, const std::function<bool(RowId, Seq)>& visit) const {
  absl::Status damaged;
  LINEAL_RETURN_IF_ERROR(
      database_->Scan(Family::kDied, RowKey(from), [&](std::string_view key, std::string_view value) {
        std::optional<RowId> row = RowOfKey(key);
        std::optional<Seq> died = DecodeDied(value);
        if (!row || !died) damaged = Damaged("died", key);
        return row && died && visit(*row, *died);
      }));
  return damaged;
}

absl::Status LocalShardStore::ScanChanges(Seq from, const std::function<bool(Seq, const ChangeRecord&)>& visit) const {
  absl::Status damaged;
  LINEAL_RETURN_IF_ERROR(
      database_->Scan(Family::kChanges, SeqKey(from), [&](std::string_view key, std::string_view value) {
        std::optional<Seq> seq = SeqOfKey(key);
        std::optional<ChangeRecord> change = DecodeChange(value);
        if (!seq || !change) damaged = Damaged("chg", key);
        return seq && change && visit(*seq, *change);
      }));
  return damaged;
}

absl::Status LocalShardStore::ScanMeta(std::string_view prefix,
                                       const std::function<bool(std::string_view, std::string_view)>& visit) const {
  const std::string from = UserMetaKey(prefix);
  return database_->Scan(Family::kMeta, from, [&](std::string_view key, std::string_view value) {
    return key.starts_with(from) && visit(key.substr(1), value);
  });
}

std::unique_ptr<PidCursor> LocalShardStore::NewPidCursor() const {
  return std::make_unique<LocalPidCursor>(*database_);
}

}  // namespace lineal::storage
