// Models in the catalogue. Each change is one commit of the audit log.
//
// Threads: any. One change at a time.
#pragma once

#include <atomic>
#include <mutex>

#include "base/clock.h"
#include "engine/api/models.h"
#include "engine/lineage/audit_log.h"
#include "engine/lineage/model_records.h"
#include "storage/meta/meta_store.h"

namespace lineal::engine {

class LocalModelRegistry final : public ModelRegistry {
 public:
  // All outlive this.
  LocalModelRegistry(storage::MetaStore* meta, AuditLog* audit, const Clock* clock)
      : meta_(meta), audit_(audit), clock_(clock) {}

  absl::StatusOr<RegisteredModel> CreateModel(const RegisteredModel& wanted, const std::string& principal) override;
  absl::StatusOr<RegisteredModel> FindModel(const std::string& name) override;
  absl::StatusOr<RegisteredModel> RenameModel(const std::string& name, const std::string& new_name,
                                              const std::string& principal) override;
  absl::StatusOr<RegisteredModel> DescribeModel(const std::string& name, const std::string& description,
                                                const std::string& principal) override;
  absl::Status ChangeModelTag(const std::string& name, const TagChange& change, const std::string& principal) override;
  absl::Status DeleteModel(const std::string& name, const std::string& principal) override;
  absl::StatusOr<ModelPage<RegisteredModel>> SearchModels(const ModelQuery& query) override;

  absl::StatusOr<ModelVersion> CreateVersion(const ModelVersion& wanted, const std::string& principal) override;
  absl::StatusOr<ModelVersion> FindVersion(const ModelVersionId& id) override;
  absl::StatusOr<std::vector<ModelVersion>> LatestVersions(const std::string& model,
                                                           const std::vector<ModelStage>& stages) override;
  absl::StatusOr<ModelVersion> DescribeVersion(const ModelVersionId& id, const std::string& description,
                                               const std::string& principal) override;
  absl::Status ChangeVersionTag(const ModelVersionId& id, const TagChange& change,
                                const std::string& principal) override;
  absl::StatusOr<ModelVersion> MoveToStage(const ModelVersionId& id, const StageMove& move,
                                           const std::string& principal) override;
  absl::Status DeleteVersion(const ModelVersionId& id, const std::string& principal) override;
  absl::StatusOr<ModelPage<ModelVersion>> SearchVersions(const ModelQuery& query) override;
  absl::StatusOr<ModelVersion> SetState(const ModelVersionId& id, VersionState state, const std::string& message,
                                        const std::string& principal) override;
  absl::StatusOr<ModelVersion> Withdraw(const ModelVersionId& id, const std::string& reason,
                                        const std::string& principal) override;

  absl::Status PointAlias(const ModelVersionId& id, const std::string& alias, const std::string& principal) override;
  absl::Status RemoveAlias(const std::string& model, const std::string& alias, const std::string& principal) override;
  absl::StatusOr<std::optional<ModelVersion>> FindByAlias(const std::string& model, const std::string& alias) override;
  absl::StatusOr<std::vector<ModelAliasMove>> AliasMoves(const std::string& model, const std::string& alias) override;

  // Another number after every change.
  uint64_t generation() const { return generation_; }

 private:
  using Changes = std::vector<storage::MetaStore::Change>;

  absl::StatusOr<ModelRecord> Load(const std::string& name);
  absl::StatusOr<ModelVersion> LoadVersion(const ModelRecord& of, uint64_t number);
  absl::StatusOr<std::vector<ModelVersion>> LoadVersions(const ModelRecord& of);
  absl::StatusOr<uint64_t> PastNumber(const std::string& name);

  absl::Status Commit(AuditEntry entry, Changes changes);
  // What makes `alias` of the record point at version `to`, or at none; the record itself is the caller's to save.
  storage::MetaStore::Change MoveAlias(ModelRecord* record, const std::string& alias, uint64_t to,
                                       const std::string& principal);
  absl::StatusOr<ModelVersion> ChangeState(const ModelVersionId& id, VersionState state, const std::string& message,
                                           AuditEntry entry);

  storage::MetaStore* const meta_;
  AuditLog* const audit_;
  const Clock* const clock_;
  std::mutex change_mutex_;
  std::atomic<uint64_t> generation_{0};
};

}  // namespace lineal::engine
