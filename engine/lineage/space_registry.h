// Embedding spaces in the catalogue, and all of them in memory: guards look them up with every request.
//
// Threads: any.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>

#include "base/clock.h"
#include "engine/api/space.h"
#include "engine/lineage/audit_log.h"
#include "storage/meta/meta_store.h"

namespace lineal::engine {

class LocalSpaceRegistry final : public SpaceRegistry {
 public:
  // All outlive this.
  LocalSpaceRegistry(storage::MetaStore* meta, AuditLog* audit, const Clock* clock)
      : meta_(meta), audit_(audit), clock_(clock) {}
  // Once, before anything else.
  absl::Status Load();

  absl::StatusOr<EmbeddingSpace> Register(const SpaceRecipe& recipe, const std::string& name,
                                          const std::string& principal) override;
  absl::StatusOr<EmbeddingSpace> Find(const std::string& id_or_name) override;
  absl::StatusOr<std::vector<EmbeddingSpace>> List() override;
  absl::Status SetCanaries(const std::string& id, const CanarySet& canaries, const std::string& principal) override;
  absl::StatusOr<CanarySet> CanariesOf(const std::string& id) override;
  absl::Status SetState(const std::string& id, SpaceState state, const std::string& note, std::optional<double> cosine,
                        const std::string& principal) override;

 private:
  absl::Status Save(const EmbeddingSpace& space, const std::string& kind, const std::string& principal);

  storage::MetaStore* const meta_;
  AuditLog* const audit_;
  const Clock* const clock_;
  std::mutex change_mutex_;
  std::shared_mutex mutex_;  // guards the map; held for look-ups and swaps only
  std::map<std::string, EmbeddingSpace> spaces_;
};

}  // namespace lineal::engine
