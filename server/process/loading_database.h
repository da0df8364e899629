// The database as the doors see it from the moment they listen: while the real one still opens, everything answers
// UNAVAILABLE, so that health checks are served and /readyz says 503; once Attach()ed, it is the real one.
//
// Threads: any. The attached database is owned here and stays until destruction.
#pragma once

#include <atomic>
#include <memory>

#include "engine/api/database.h"

namespace lineal::server {

class LoadingDatabase final : public engine::Database {
 public:
  // Once.
  void Attach(std::unique_ptr<engine::Database> database);

  absl::Status CreateCollection(const std::string& name, const engine::CollectionSchema& schema) override;
  absl::StatusOr<bool> DropCollection(const std::string& name) override;
  absl::Status AlterCollection(const std::string& name, const engine::SchemaChange& change) override;
  absl::StatusOr<std::vector<std::string>> ListCollections() override;
  absl::StatusOr<std::shared_ptr<engine::Collection>> GetCollection(const std::string& name) override;
  absl::Status ChangeAliases(const std::vector<engine::AliasChange>& changes, const std::string& principal) override;
  absl::StatusOr<std::vector<engine::Alias>> ListAliases() override;
  absl::StatusOr<std::vector<engine::AliasMove>> AliasMoves(const std::string& alias) override;
  absl::StatusOr<engine::Lineage*> lineage() override;
  std::vector<engine::OptimizerTask> Tasks() override;
  const MemoryLedger& memory() override;
  absl::StatusOr<engine::Erasure> Erase(const engine::ErasureRequest& request) override;
  absl::StatusOr<std::vector<engine::Erasure>> ListErasures(uint64_t limit) override;
  absl::StatusOr<engine::Erasure> FindErasure(const std::string& id) override;
  absl::Status BackupCollection(const std::string& name, const std::string& directory) override;
  absl::Status RestoreCollection(const std::string& name, const std::string& directory) override;
  absl::Status Ready() override;
  void Stop() override;

 private:
  engine::Database* get() const { return attached_.load(std::memory_order_acquire); }

  std::unique_ptr<engine::Database> owned_;
  std::atomic<engine::Database*> attached_{nullptr};
  MemoryLedger empty_;
};

}  // namespace lineal::server
