#include "engine/database/space_guard.h"

#include <set>

#include "base/status.h"
#include "engine/api/space_claim.h"

namespace lineal::engine {
namespace {

constexpr std::string_view kHowToSay =
    "say it by the header Lineal-Space, a session, an API key or an alias with a space, or let the collection assume "
    "it";

bool HasSpaces(const CollectionSchema& schema) {
  for (const auto& [name, vector] : schema.vectors) {
    if (!vector.space.empty()) return true;
  }
  return false;
}

// Of the vectors that the request writes.
std::set<std::string> WrittenVectors(const WriteRequest& request) {
  std::set<std::string> names;
  auto add = [&](const std::vector<PointInput>& points) {
    for (const PointInput& point : points) {
      for (const NamedVector& vector : point.vectors) names.insert(vector.name);
    }
  };
  for (const WriteOp& op : request.ops) {
    if (const auto* upsert = std::get_if<UpsertPoints>(&op)) add(upsert->points);
    if (const auto* update = std::get_if<UpdateVectors>(&op)) add(update->points);
  }
  return names;
}

std::string_view NameOfRole(SpaceClaim::Role role) { return role == SpaceClaim::Role::kQuery ? "query" : "document"; }

}  // namespace

absl::Status SpaceGuard::Differs(const SpacePolicy& policy, const std::string& message, std::string* warning) {
  if (policy.guard == SpacePolicy::Guard::kEnforce) return Conflict(message);
  *warning = message;
  return absl::OkStatus();
}

SpaceGuard::Verdict SpaceGuard::Judge(const SpacePolicy& policy, const VectorSchema& vector, const std::string& name,
                                      const SpaceClaim& claim, SpaceClaim::Role role) {
  Verdict verdict;
  const absl::StatusOr<EmbeddingSpace> own = lineage_->spaces().Find(vector.space);
  if (!own.ok()) {
    verdict.status = own.status();
    return verdict;
  }
  const std::string whose =
      name.empty() ? StrCat("collection `", collection_, "`") : StrCat("vector `", name, "` of `", collection_, "`");
  const std::string claimed = ClaimedSpaceOf(claim.space, name);
  if (claimed.empty()) {
    verdict.assumed = policy.unlabelled == SpacePolicy::Unlabelled::kAssume;
    if (verdict.assumed) return Used(*own, role, std::move(verdict));
    verdict.status = Differs(policy,
                             StrCat(whose, " holds vectors of space ", Describe(*own),
                                    ", and the request does not say what space its vectors are of: ", kHowToSay),
                             &verdict.warning);
    return verdict;
  }
  const absl::StatusOr<EmbeddingSpace> theirs = lineage_->spaces().Find(claimed);
  if (!theirs.ok() || theirs->id != own->id) {
    verdict.status =
        Differs(policy,
                StrCat("the request's vectors are of space ",
                       theirs.ok() ? Describe(*theirs) : StrCat("`", claimed, "`, which is not registered"), "; ",
                       whose, " holds vectors of space ", Describe(*own), ": they cannot be compared"),
                &verdict.warning);
    return verdict;
  }
  const bool prefixes = own->recipe.document_prefix != own->recipe.query_prefix;
  const bool unsaid = claim.role == SpaceClaim::Role::kUnsaid;
  if (prefixes && !(unsaid && claim.inherited) && claim.role != role) {
    verdict.status =
        Differs(policy,
                StrCat("space ", Describe(*own), " has a prefix for documents and one for queries; this request wants ",
                       NameOfRole(role), "s, and ", unsaid ? "does not say" : "says otherwise",
                       ": want `role=", NameOfRole(role), "` after the space"),
                &verdict.warning);
    return verdict;
  }
  return Used(*own, role, std::move(verdict));
}

SpaceGuard::Verdict SpaceGuard::Used(const EmbeddingSpace& space, SpaceClaim::Role role, Verdict verdict) {
  if (const absl::Status usable = lineage_->CheckUsable(space); !usable.ok()) {
    if (role == SpaceClaim::Role::kDocument) {
      verdict.status = usable;
    } else {
      verdict.warning = std::string(MessageOf(usable));
    }
    return verdict;
  }
  if (space.state == SpaceState::kSuspect) {
    verdict.warning = StrCat("space ", Describe(space), " is suspect: ", space.note);
  }
  return verdict;
}

absl::Status SpaceGuard::Settle(const Verdict& verdict, std::vector<std::string>* warnings) {
  if (!verdict.status.ok()) {
    ++refused_;
    return verdict.status;
  }
  if (verdict.assumed) ++assumed_;
  if (!verdict.warning.empty()) {
    ++warned_;
    if (warnings != nullptr) warnings->push_back(verdict.warning);
  }
  return absl::OkStatus();
}

absl::Status SpaceGuard::CheckWrite(const CollectionSchema& schema, WriteRequest* request,
                                    std::vector<std::string>* warnings) {
  IngestContext& context = request->context;
  if (lineage_ != nullptr && !request->claim.space.empty() && !context.space.empty() &&
      request->claim.space != context.space) {
    const auto said = lineage_->spaces().Find(request->claim.space);
    const auto session = lineage_->spaces().Find(context.space);
    if (!said.ok() || !session.ok() || said->id != session->id) {
      return Conflict("the request says space `", request->claim.space, "`, its session `", context.space, "`");
    }
  }
  if (request->claim.space.empty()) {
    request->claim.space = context.space;
    request->claim.inherited = true;
  }
  if (lineage_ == nullptr || !HasSpaces(schema)) {
    context.space = request->claim.space;
    return absl::OkStatus();
  }
  std::set<std::string> assumed;
  std::string spaces;
  for (const std::string& name : WrittenVectors(*request)) {
    const auto vector = schema.vectors.find(name);
    if (vector == schema.vectors.end() || vector->second.space.empty()) continue;
    const Verdict verdict = Judge(schema.spaces, vector->second, name, request->claim, SpaceClaim::Role::kDocument);
    LINEAL_RETURN_IF_ERROR(Settle(verdict, warnings));
    if (!verdict.assumed) continue;
    assumed.insert(vector->second.space);
    StrAppend(&spaces, spaces.empty() ? "" : ",", name, "=", vector->second.space);
  }
  context.space = request->claim.space;
  if (const auto known = lineage_->spaces().Find(context.space); known.ok()) context.space = known->id;
  if (context.space.empty() && !assumed.empty()) context.space = assumed.size() == 1 ? *assumed.begin() : spaces;
  return absl::OkStatus();
}

absl::Status SpaceGuard::CheckSearch(const CollectionSchema& schema, const SearchRequest& request) {
  if (lineage_ == nullptr || !std::holds_alternative<std::vector<float>>(request.query)) return absl::OkStatus();
  const auto vector = schema.vectors.find(request.vector_name);
  if (vector == schema.vectors.end() || vector->second.space.empty()) return absl::OkStatus();
  return Settle(Judge(schema.spaces, vector->second, request.vector_name, request.claim, SpaceClaim::Role::kQuery),
                request.warnings.get());
}

absl::Status SpaceGuard::CheckPoints(const CollectionSchema& schema, const std::vector<ContextCount>& contexts) {
  if (schema.spaces.guard == SpacePolicy::Guard::kWarn) return absl::OkStatus();
  for (const auto& [name, vector] : schema.vectors) {
    if (vector.space.empty()) continue;
    LINEAL_ASSIGN_OR_RETURN(const EmbeddingSpace own, lineage_->spaces().Find(vector.space));
    for (const auto& [context, points] : contexts) {
      const std::string said = ClaimedSpaceOf(context.space, name);
      if (said.empty() && schema.spaces.unlabelled == SpacePolicy::Unlabelled::kAssume) continue;
      if (said.empty()) {
        return Conflict(points, " points of `", collection_, "` do not say what space they are of; they are taken for ",
                        Describe(own), " with `unlabelled: assume` only");
      }
      const auto theirs = lineage_->spaces().Find(said);
      if (theirs.ok() && theirs->id == own.id) continue;
      return Conflict(points, " points of `", collection_, "` are of space ",
                      theirs.ok() ? Describe(*theirs) : StrCat("`", said, "`, which is not registered"), ", not of ",
                      Describe(own));
    }
  }
  return absl::OkStatus();
}

}  // namespace lineal::engine
