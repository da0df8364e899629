// A walk over the points of a store in id order, as they are when it is made. It must go before the store closes.
#pragma once

#include <memory>

#include "storage/rows/store_database.h"

namespace lineal::storage {

class LocalPidCursor final : public PidCursor {
 public:
  explicit LocalPidCursor(const StoreDatabase& database);
  ~LocalPidCursor() override;

  void Seek(const PointId& id) override;
  void SeekToFirst() override;
  bool Valid() const override { return valid_; }
  void Next() override;
  PointId id() const override { return id_; }
  PidEntry entry() const override { return entry_; }
  absl::Status status() const override { return status_; }

 private:
  void Read();

  const std::string directory_;
  const std::unique_ptr<rocksdb::Iterator> at_;
  bool valid_ = false;
  PointId id_;
  PidEntry entry_;
  absl::Status status_;
};

}  // namespace lineal::storage
