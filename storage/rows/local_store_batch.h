// A batch on its way into one store.
#pragma once

#include "rocksdb/write_batch.h"
#include "storage/rows/store_database.h"

namespace lineal::storage {

class LocalStoreBatch final : public StoreBatch {
 public:
  explicit LocalStoreBatch(const StoreDatabase* database) : database_(database) {}

  void PutRow(RowId row, std::string_view value) override;
  void DeleteRow(RowId row) override;
  void PutPayload(RowId row, Seq born, std::string_view value) override;
  void DeletePayload(RowId row, Seq born) override;
  void PutPid(const PointId& id, const PidEntry& entry) override;
  void DeletePid(const PointId& id) override;
  void PutDied(RowId row, Seq died) override;
  void DeleteDied(RowId row) override;
  void PutChange(Seq seq, const ChangeRecord& change) override;
  void DeleteChangesUpTo(Seq seq) override;
  void PutOrigin(std::string_view key, std::string_view value) override;
  void DeleteOrigin(std::string_view key) override;
  void PutMeta(std::string_view key, std::string_view value) override;
  void DeleteMeta(std::string_view key) override;

  void PutHead(const LogHead& head);
  void PutCommits(uint64_t commits);
  const StoreDatabase* database() const { return database_; }
  rocksdb::WriteBatch* batch() { return &batch_; }

 private:
  const StoreDatabase* const database_;
  rocksdb::WriteBatch batch_;
};

}  // namespace lineal::storage
