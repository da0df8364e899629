#include "storage/rocks/obsolete_files.h"

#include "base/status.h"
#include "rocksdb/db.h"
#include "storage/rocks/rocks_status.h"

namespace lineal::storage {

// Deletions that are allowed again look through the directory before the call returns.
absl::Status RemoveObsoleteFiles(rocksdb::DB* database, const std::string& what) {
  rocksdb::Status status = database->DisableFileDeletions();
  if (status.ok()) status = database->EnableFileDeletions(false);
  return FromRocks(status, StrCat(what, ": remove files"));
}

}  // namespace lineal::storage
