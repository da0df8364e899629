#include "engine/database/aliased_collection.h"

#include "base/status.h"

namespace lineal::engine {

absl::StatusOr<WriteResult> AliasedCollection::Write(WriteRequest request) {
  if (!target_.tag.empty()) {
    return Conflict("alias `", alias_, "` names tag `", target_.tag, "` of `", target_.collection,
                    "`: what has a tag does not change");
  }
  if (request.claim.space.empty() && request.context.space.empty()) {
    request.claim.space = target_.space;
    request.claim.inherited = true;
  }
  return collection_->Write(std::move(request));
}

absl::StatusOr<std::vector<ScoredPoint>> AliasedCollection::Search(const SearchRequest& request) {
  SearchRequest search = AtTag(request);
  if (search.claim.space.empty()) {
    search.claim.space = target_.space;
    search.claim.inherited = true;
  }
  return collection_->Search(search);
}

absl::StatusOr<std::vector<PointRecord>> AliasedCollection::Retrieve(const RetrieveRequest& request) {
  return collection_->Retrieve(AtTag(request));
}

absl::StatusOr<ScrollPage> AliasedCollection::Scroll(const ScrollRequest& request) {
  return collection_->Scroll(AtTag(request));
}

absl::StatusOr<uint64_t> AliasedCollection::Count(const CountRequest& request) {
  return collection_->Count(AtTag(request));
}

absl::StatusOr<std::vector<PointOrigin>> AliasedCollection::Provenance(const ProvenanceRequest& request) {
  return collection_->Provenance(AtTag(request));
}

absl::StatusOr<OriginPage> AliasedCollection::PointsOf(const OriginPageRequest& request) {
  return collection_->PointsOf(AtTag(request));
}

}  // namespace lineal::engine
