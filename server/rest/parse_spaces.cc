#include "server/rest/parse_spaces.h"

#include <limits>

namespace lineal::server {
namespace {

using engine::SpacePolicy;

absl::StatusOr<uint32_t> ReadDim(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(const uint64_t dim, ReadUint(element, place));
  if (dim > std::numeric_limits<uint32_t>::max()) return OutOfRangeAt(place, StrCat("value ", dim, " invalid"));
  return static_cast<uint32_t>(dim);
}

absl::StatusOr<engine::Canary> ReadCanary(JsonElement element, const JsonPlace& place) {
  engine::Canary out;
  LINEAL_ASSIGN_OR_RETURN(const JsonObject object, ReadObject(element, place));
  LINEAL_ASSIGN_OR_RETURN(const JsonElement text, Require(object, "text", place));
  LINEAL_ASSIGN_OR_RETURN(out.text, ReadString(text, JsonPlace(place, "text")));
  LINEAL_ASSIGN_OR_RETURN(const JsonElement vector, Require(object, "vector", place));
  LINEAL_ASSIGN_OR_RETURN(out.vector, ReadFloats(vector, JsonPlace(place, "vector")));
  std::string role = "document";
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "role", place, ReadString, &role));
  out.is_query = role == "query";
  if (out.is_query || role == "document") return out;
  return MalformedAt(JsonPlace(place, "role"), StrCat("`", role.substr(0, 64), "` is not `document` or `query`"));
}

}  // namespace

absl::StatusOr<std::pair<std::string, engine::SpaceRecipe>> ReadSpace(JsonElement element, const JsonPlace& place) {
  std::pair<std::string, engine::SpaceRecipe> out;
  auto& [name, recipe] = out;
  LINEAL_ASSIGN_OR_RETURN(const JsonObject object, ReadObject(element, place));
  LINEAL_ASSIGN_OR_RETURN(const JsonElement model, Require(object, "model", place));
  LINEAL_ASSIGN_OR_RETURN(recipe.model, ReadString(model, JsonPlace(place, "model")));
  LINEAL_ASSIGN_OR_RETURN(const JsonElement dim, Require(object, "dim", place));
  LINEAL_ASSIGN_OR_RETURN(recipe.dim, ReadDim(dim, JsonPlace(place, "dim")));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "name", place, ReadString, &name));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "model_version", place, ReadString, &recipe.model_version));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "tokenizer", place, ReadString, &recipe.tokenizer));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "pooling", place, ReadString, &recipe.pooling));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "normalized", place, ReadBool, &recipe.normalized));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "cut_from", place, ReadDim, &recipe.cut_from));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "dtype", place, ReadString, &recipe.dtype));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "metric", place, ReadString, &recipe.metric));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "document_prefix", place, ReadString, &recipe.document_prefix));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "query_prefix", place, ReadString, &recipe.query_prefix));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "parameters", place, ReadObjectValue, &recipe.parameters));
  return out;
}

absl::StatusOr<engine::CanarySet> ReadCanaries(JsonElement element, const JsonPlace& place) {
  engine::CanarySet out;
  LINEAL_ASSIGN_OR_RETURN(const JsonObject object, ReadObject(element, place));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "endpoint", place, ReadString, &out.endpoint));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "endpoint_model", place, ReadString, &out.endpoint_model));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "floor", place, ReadDouble, &out.floor));
  LINEAL_ASSIGN_OR_RETURN(const JsonElement canaries, Require(object, "canaries", place));
  LINEAL_RETURN_IF_ERROR(
      ForEach(canaries, JsonPlace(place, "canaries"), [&](JsonElement item, const JsonPlace& item_place) {
        auto canary = ReadCanary(item, item_place);
        if (canary.ok()) out.canaries.push_back(*std::move(canary));
        return canary.status();
      }));
  return out;
}

absl::StatusOr<engine::SchemaChange> ReadSpaceBinding(JsonElement element, const JsonPlace& place, SpacePolicy policy) {
  engine::SchemaChange out;
  LINEAL_ASSIGN_OR_RETURN(const JsonObject object, ReadObject(element, place));
  std::string vector, guard(NameOf(policy.guard)), unlabelled(NameOf(policy.unlabelled));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "vector", place, ReadString, &vector));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "guard", place, ReadString, &guard));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "unlabelled", place, ReadString, &unlabelled));
  if (const auto space = Find(object, "space"); space && space->is_null()) {
    out.spaces[vector] = "";
  } else if (space) {
    LINEAL_ASSIGN_OR_RETURN(out.spaces[vector], ReadString(*space, JsonPlace(place, "space")));
  }
  if (guard == NameOf(SpacePolicy::Guard::kEnforce)) {
    policy.guard = SpacePolicy::Guard::kEnforce;
  } else if (guard == NameOf(SpacePolicy::Guard::kWarn)) {
    policy.guard = SpacePolicy::Guard::kWarn;
  } else {
    return MalformedAt(JsonPlace(place, "guard"), StrCat("`", guard.substr(0, 64), "` is not `enforce` or `warn`"));
  }
  if (unlabelled == NameOf(SpacePolicy::Unlabelled::kRefuse)) {
    policy.unlabelled = SpacePolicy::Unlabelled::kRefuse;
  } else if (unlabelled == NameOf(SpacePolicy::Unlabelled::kAssume)) {
    policy.unlabelled = SpacePolicy::Unlabelled::kAssume;
  } else {
    return MalformedAt(JsonPlace(place, "unlabelled"),
                       StrCat("`", unlabelled.substr(0, 64), "` is not `refuse` or `assume`"));
  }
  out.space_policy = policy;
  return out;
}

}  // namespace lineal::server
