// A collection as an alias shows it: at the version of a tag, and with the embedding space that the alias says.
//
// Threads: any.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "engine/api/database.h"

namespace lineal::engine {

class AliasedCollection final : public Collection {
 public:
  AliasedCollection(std::string alias, AliasTarget target, std::shared_ptr<Collection> collection)
      : alias_(std::move(alias)), target_(std::move(target)), collection_(std::move(collection)) {}

  // CONFLICT under a tag: what has a tag does not change.
  absl::StatusOr<WriteResult> Write(WriteRequest request) override;
  absl::StatusOr<std::vector<ScoredPoint>> Search(const SearchRequest& request) override;
  absl::StatusOr<std::vector<PointRecord>> Retrieve(const RetrieveRequest& request) override;
  absl::StatusOr<ScrollPage> Scroll(const ScrollRequest& request) override;
  absl::StatusOr<uint64_t> Count(const CountRequest& request) override;
  absl::StatusOr<std::vector<PointOrigin>> Provenance(const ProvenanceRequest& request) override;
  absl::StatusOr<OriginPage> PointsOf(const OriginPageRequest& request) override;

  absl::StatusOr<std::vector<ContextCount>> CountByContext() override { return collection_->CountByContext(); }
  absl::StatusOr<Revision> MakeRevision(const std::string& message, const std::string& author) override {
    return collection_->MakeRevision(message, author);
  }
  absl::StatusOr<std::vector<Revision>> Revisions(uint64_t limit) override { return collection_->Revisions(limit); }
  absl::StatusOr<Revision> Tag(const std::string& tag, uint64_t revision, const std::string& author) override {
    return collection_->Tag(tag, revision, author);
  }
  absl::StatusOr<bool> Untag(const std::string& tag, const std::string& author) override {
    return collection_->Untag(tag, author);
  }
  absl::StatusOr<RevisionDiff> Diff(const DiffRequest& request) override { return collection_->Diff(request); }
  absl::StatusOr<RollbackResult> Rollback(const RollbackRequest& request) override {
    return collection_->Rollback(request);
  }
  absl::StatusOr<CollectionInfo> Info() override { return collection_->Info(); }
  absl::StatusOr<CollectionMemory> Memory() override { return collection_->Memory(); }

 private:
  // The request's own `as_of` goes before the alias's.
  template <class Request>
  Request AtTag(const Request& request) const {
    Request out = request;
    if (out.read.as_of.empty() && out.read.as_of_seq.empty()) out.read.as_of = target_.tag;
    return out;
  }

  const std::string alias_;
  const AliasTarget target_;
  const std::shared_ptr<Collection> collection_;
};

}  // namespace lineal::engine
