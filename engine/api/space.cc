#include "engine/api/space.h"

#include "base/hash.h"
#include "base/status.h"
#include "engine/api/origin.h"
#include "engine/api/schema.h"
#include "engine/payload/codec.h"

namespace lineal::engine {
namespace {

constexpr size_t kCanonicalIdBytes = 16;

struct NamedText {
  std::string_view name;
  std::string SpaceRecipe::*text;
};
constexpr NamedText kTexts[] = {
    {"model", &SpaceRecipe::model},
    {"model_version", &SpaceRecipe::model_version},
    {"tokenizer", &SpaceRecipe::tokenizer},
    {"pooling", &SpaceRecipe::pooling},
    {"dtype", &SpaceRecipe::dtype},
    {"metric", &SpaceRecipe::metric},
    {"document_prefix", &SpaceRecipe::document_prefix},
    {"query_prefix", &SpaceRecipe::query_prefix},
};

}  // namespace

std::string_view NameOf(SpaceState state) { return state == SpaceState::kTrusted ? "trusted" : "suspect"; }
std::string_view NameOf(SpacePolicy::Guard guard) { return guard == SpacePolicy::Guard::kEnforce ? "enforce" : "warn"; }
std::string_view NameOf(SpacePolicy::Unlabelled unlabelled) {
  return unlabelled == SpacePolicy::Unlabelled::kRefuse ? "refuse" : "assume";
}

absl::Status ValidateRecipe(const SpaceRecipe& recipe) {
  if (recipe.model.empty()) return InvalidArgument("a space needs the name of its model");
  for (const auto& [name, text] : kTexts) {
    if ((recipe.*text).size() > kOriginTextMax) {
      return InvalidArgument(name, " has ", (recipe.*text).size(), " bytes, the limit is ", kOriginTextMax);
    }
  }
  if (recipe.dim == 0 || recipe.dim > kDimMax) {
    return OutOfRange("dim: value ", recipe.dim, " invalid, must be from 1 to ", kDimMax);
  }
  if (recipe.cut_from != 0 && recipe.cut_from < recipe.dim) {
    return OutOfRange("cut_from: value ", recipe.cut_from, " invalid, must be at least the ", recipe.dim,
                      " components that are kept");
  }
  if (!recipe.metric.empty() && !MetricFromName(recipe.metric)) {
    return InvalidArgument("metric `", recipe.metric, "` is not Cosine, Dot, Euclid or Manhattan");
  }
  if (!recipe.parameters.is_null() && !recipe.parameters.is_object()) {
    return InvalidArgument("parameters must be an object");
  }
  return absl::OkStatus();
}

std::string SpaceIdOf(const SpaceRecipe& recipe) {
  Value root = Value::EmptyObject();
  for (const auto& [name, text] : kTexts) root.Set(name, Value(recipe.*text));
  root.Set("normalized", Value(recipe.normalized));
  root.Set("dim", Value::Unsigned(recipe.dim));
  root.Set("cut_from", Value::Unsigned(recipe.cut_from));
  root.Set("parameters", recipe.parameters);
  const Digest digest = Sha256(EncodePayload(root));
  return HexOf(BytesOf(digest).substr(0, kCanonicalIdBytes));
}

std::string Describe(const EmbeddingSpace& space) {
  std::string out = space.id.substr(0, 8);
  if (!space.name.empty()) StrAppend(&out, " `", space.name, "`");
  StrAppend(&out, " (");
  for (const auto& [name, text] : kTexts) {
    const std::string& value = space.recipe.*text;
    if (!value.empty()) StrAppend(&out, name, " `", value, "`, ");
  }
  StrAppend(&out, space.recipe.dim, " components");
  if (space.recipe.cut_from != 0) StrAppend(&out, " of ", space.recipe.cut_from);
  if (space.recipe.normalized) StrAppend(&out, ", normalized");
  return out.append(")");
}

}  // namespace lineal::engine
