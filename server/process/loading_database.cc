#include "server/process/loading_database.h"

#include "base/check.h"
#include "base/status.h"

namespace lineal::server {
namespace {

absl::Status Loading() { return Unavailable("the database is still loading"); }

}  // namespace

void LoadingDatabase::Attach(std::unique_ptr<engine::Database> database) {
  LINEAL_CHECK(owned_ == nullptr && database != nullptr);
  owned_ = std::move(database);
  attached_.store(owned_.get(), std::memory_order_release);
}

absl::Status LoadingDatabase::CreateCollection(const std::string& name, const engine::CollectionSchema& schema) {
  return get() ? get()->CreateCollection(name, schema) : Loading();
}

absl::StatusOr<bool> LoadingDatabase::DropCollection(const std::string& name) {
  if (get() == nullptr) return Loading();
  return get()->DropCollection(name);
}

absl::Status LoadingDatabase::AlterCollection(const std::string& name, const engine::SchemaChange& change) {
  return get() ? get()->AlterCollection(name, change) : Loading();
}

absl::StatusOr<std::vector<std::string>> LoadingDatabase::ListCollections() {
  if (get() == nullptr) return Loading();
  return get()->ListCollections();
}

absl::StatusOr<std::shared_ptr<engine::Collection>> LoadingDatabase::GetCollection(const std::string& name) {
  if (get() == nullptr) return Loading();
  return get()->GetCollection(name);
}

absl::Status LoadingDatabase::ChangeAliases(const std::vector<engine::AliasChange>& changes,
                                            const std::string& principal) {
  return get() ? get()->ChangeAliases(changes, principal) : Loading();
}

absl::StatusOr<std::vector<engine::AliasMove>> LoadingDatabase::AliasMoves(const std::string& alias) {
  if (!get()) return Loading();
  return get()->AliasMoves(alias);
}

absl::StatusOr<std::vector<engine::Alias>> LoadingDatabase::ListAliases() {
  if (get() == nullptr) return Loading();
  return get()->ListAliases();
}

absl::StatusOr<engine::Lineage*> LoadingDatabase::lineage() {
  if (get() == nullptr) return Loading();
  return get()->lineage();
}

std::vector<engine::OptimizerTask> LoadingDatabase::Tasks() {
  return get() ? get()->Tasks() : std::vector<engine::OptimizerTask>{};
}

const MemoryLedger& LoadingDatabase::memory() { return get() ? get()->memory() : empty_; }

absl::Status LoadingDatabase::BackupCollection(const std::string& name, const std::string& directory) {
  return get() ? get()->BackupCollection(name, directory) : Loading();
}

absl::Status LoadingDatabase::RestoreCollection(const std::string& name, const std::string& directory) {
  return get() ? get()->RestoreCollection(name, directory) : Loading();
}

absl::StatusOr<engine::Erasure> LoadingDatabase::Erase(const engine::ErasureRequest& request) {
  if (get() == nullptr) return Loading();
  return get()->Erase(request);
}

absl::StatusOr<std::vector<engine::Erasure>> LoadingDatabase::ListErasures(uint64_t limit) {
  if (get() == nullptr) return Loading();
  return get()->ListErasures(limit);
}

absl::StatusOr<engine::Erasure> LoadingDatabase::FindErasure(const std::string& id) {
  if (get() == nullptr) return Loading();
  return get()->FindErasure(id);
}

absl::Status LoadingDatabase::Ready() { return get() ? get()->Ready() : Loading(); }

void LoadingDatabase::Stop() {
  if (get() != nullptr) get()->Stop();
}

}  // namespace lineal::server
