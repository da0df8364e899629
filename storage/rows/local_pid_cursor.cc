#include "storage/rows/local_pid_cursor.h"

#include "base/check.h"
#include "base/status.h"
#include "rocksdb/iterator.h"
#include "rocksdb/options.h"
#include "storage/rocks/rocks_status.h"
#include "storage/rows/row_keys.h"

namespace lineal::storage {

LocalPidCursor::LocalPidCursor(const StoreDatabase& database)
    : directory_(database.directory()), at_(database.NewIterator(Family::kPid, rocksdb::ReadOptions())) {}

LocalPidCursor::~LocalPidCursor() = default;

void LocalPidCursor::Seek(const PointId& id) {
  at_->Seek(PidKey(id));
  Read();
}

void LocalPidCursor::SeekToFirst() {
  at_->SeekToFirst();
  Read();
}

void LocalPidCursor::Next() {
  LINEAL_CHECK(valid_);
  at_->Next();
  Read();
}

void LocalPidCursor::Read() {
  valid_ = false;
  if (!at_->Valid()) {
    status_ = FromRocks(at_->status(), StrCat("shard data ", directory_, ": points"));
    return;
  }
  const std::string_view key(at_->key().data(), at_->key().size());
  const std::optional<PointId> id = PointId::FromKey(key);
  const std::optional<PidEntry> entry = DecodePid({at_->value().data(), at_->value().size()});
  if (!id || !entry) {
    status_ = DataLoss("shard data ", directory_, ": the pid key ", HexOf(key), " cannot be read");
    return;
  }
  id_ = *id;
  entry_ = *entry;
  valid_ = true;
}

}  // namespace lineal::storage
