#include "storage/rows/local_store_batch.h"

#include "storage/rows/meta_keys.h"
#include "storage/rows/row_keys.h"

namespace lineal::storage {

void LocalStoreBatch::PutRow(RowId row, std::string_view value) {
  database_->Put(&batch_, Family::kRows, RowKey(row), value);
}
void LocalStoreBatch::DeleteRow(RowId row) { database_->Delete(&batch_, Family::kRows, RowKey(row)); }

void LocalStoreBatch::PutPayload(RowId row, Seq born, std::string_view value) {
  database_->Put(&batch_, Family::kPayload, PayloadKey(row, born), value);
}
void LocalStoreBatch::DeletePayload(RowId row, Seq born) {
  database_->Delete(&batch_, Family::kPayload, PayloadKey(row, born));
}

void LocalStoreBatch::PutPid(const PointId& id, const PidEntry& entry) {
  database_->Put(&batch_, Family::kPid, PidKey(id), EncodePid(entry));
}
void LocalStoreBatch::DeletePid(const PointId& id) { database_->Delete(&batch_, Family::kPid, PidKey(id)); }

void LocalStoreBatch::PutDied(RowId row, Seq died) {
  database_->Put(&batch_, Family::kDied, RowKey(row), EncodeDied(died));
}
void LocalStoreBatch::DeleteDied(RowId row) { database_->Delete(&batch_, Family::kDied, RowKey(row)); }

void LocalStoreBatch::PutChange(Seq seq, const ChangeRecord& change) {
  database_->Put(&batch_, Family::kChanges, SeqKey(seq), EncodeChange(change));
}
void LocalStoreBatch::DeleteChangesUpTo(Seq seq) {
  database_->DeleteRange(&batch_, Family::kChanges, SeqKey(kNoSeq), SeqKey(Next(seq)));
}

void LocalStoreBatch::PutOrigin(std::string_view key, std::string_view value) {
  database_->Put(&batch_, Family::kOrigins, key, value);
}
void LocalStoreBatch::DeleteOrigin(std::string_view key) { database_->Delete(&batch_, Family::kOrigins, key); }

void LocalStoreBatch::PutMeta(std::string_view key, std::string_view value) {
  database_->Put(&batch_, Family::kMeta, UserMetaKey(key), value);
}
void LocalStoreBatch::DeleteMeta(std::string_view key) { database_->Delete(&batch_, Family::kMeta, UserMetaKey(key)); }

void LocalStoreBatch::PutHead(const LogHead& head) {
  database_->Put(&batch_, Family::kMeta, kHeadKey, EncodeHead(head));
}

void LocalStoreBatch::PutCommits(uint64_t commits) {
  database_->Put(&batch_, Family::kMeta, kCommitsKey, EncodeCommits(commits));
}

}  // namespace lineal::storage
