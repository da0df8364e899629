// Holds what requests say of their vectors' embedding space against the spaces of the collection's vectors.
//
// Threads: any.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "engine/api/database.h"

namespace lineal::engine {

class SpaceGuard {
 public:
  // `lineage` outlives this; null: spaces are not looked at.
  SpaceGuard(std::string collection, Lineage* lineage) : collection_(std::move(collection)), lineage_(lineage) {}

  // FAILED_PRECONDITION of kind conflict, with both recipes, for vectors of another space. The context gets the space
  // that the request says, or that is assumed. What is only warned of is put into `warnings`.
  absl::Status CheckWrite(const CollectionSchema& schema, WriteRequest* request, std::vector<std::string>* warnings);
  absl::Status CheckSearch(const CollectionSchema& schema, const SearchRequest& request);
  // Whether points that these contexts wrote may lie in a collection of that schema.
  absl::Status CheckPoints(const CollectionSchema& schema, const std::vector<ContextCount>& contexts);
  SpaceGuardCounts counts() const { return {refused_, warned_, assumed_}; }

 private:
  struct Verdict {
    absl::Status status;
    std::string warning;
    bool assumed = false;
  };
  Verdict Judge(const SpacePolicy& policy, const VectorSchema& vector, const std::string& name, const SpaceClaim& claim,
                SpaceClaim::Role role);
  // The space is the right one: whether it may be used still.
  Verdict Used(const EmbeddingSpace& space, SpaceClaim::Role role, Verdict verdict);
  absl::Status Differs(const SpacePolicy& policy, const std::string& message, std::string* warning);
  absl::Status Settle(const Verdict& verdict, std::vector<std::string>* warnings);

  const std::string collection_;
  Lineage* const lineage_;
  std::atomic<uint64_t> refused_{0}, warned_{0}, assumed_{0};
};

}  // namespace lineal::engine
