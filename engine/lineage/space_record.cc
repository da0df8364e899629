#include "engine/lineage/space_record.h"

#include "base/coding.h"
#include "base/status.h"
#include "engine/lineage/record_members.h"
#include "engine/payload/codec.h"

namespace lineal::engine {
namespace {

constexpr uint8_t kCanaryFormat = 1;

}  // namespace

Value ValueOf(const EmbeddingSpace& space) {
  const SpaceRecipe& recipe = space.recipe;
  Value root = Value::EmptyObject();
  root.Set("name", Value(space.name));
  root.Set("model", Value(recipe.model));
  root.Set("model_version", Value(recipe.model_version));
  root.Set("tokenizer", Value(recipe.tokenizer));
  root.Set("pooling", Value(recipe.pooling));
  root.Set("normalized", Value(recipe.normalized));
  root.Set("dim", Value::Unsigned(recipe.dim));
  root.Set("cut_from", Value::Unsigned(recipe.cut_from));
  root.Set("dtype", Value(recipe.dtype));
  root.Set("metric", Value(recipe.metric));
  root.Set("document_prefix", Value(recipe.document_prefix));
  root.Set("query_prefix", Value(recipe.query_prefix));
  root.Set("parameters", recipe.parameters);
  root.Set("state", Value(std::string(NameOf(space.state))));
  root.Set("note", Value(space.note));
  root.Set("created_ms", Value(space.created_ms));
  return root;
}

std::string EncodeSpace(const EmbeddingSpace& space) { return EncodePayload(ValueOf(space)); }

absl::StatusOr<EmbeddingSpace> DecodeSpace(const std::string& id, std::string_view bytes) {
  LINEAL_ASSIGN_OR_RETURN(const Value root, DecodePayload(bytes));
  EmbeddingSpace space;
  space.id = id;
  space.name = TextMember(root, "name");
  SpaceRecipe& recipe = space.recipe;
  recipe.model = TextMember(root, "model");
  recipe.model_version = TextMember(root, "model_version");
  recipe.tokenizer = TextMember(root, "tokenizer");
  recipe.pooling = TextMember(root, "pooling");
  recipe.normalized = FlagMember(root, "normalized");
  recipe.dim = static_cast<uint32_t>(NumberMember(root, "dim"));
  recipe.cut_from = static_cast<uint32_t>(NumberMember(root, "cut_from"));
  recipe.dtype = TextMember(root, "dtype");
  recipe.metric = TextMember(root, "metric");
  recipe.document_prefix = TextMember(root, "document_prefix");
  recipe.query_prefix = TextMember(root, "query_prefix");
  if (const Value* parameters = root.Find("parameters")) recipe.parameters = *parameters;
  space.state = TextMember(root, "state") == NameOf(SpaceState::kSuspect) ? SpaceState::kSuspect : SpaceState::kTrusted;
  space.note = TextMember(root, "note");
  space.created_ms = NumberMember(root, "created_ms");
  if (SpaceIdOf(recipe) != id) return DataLoss("the recipe of embedding space ", id, " has another digest");
  return space;
}

std::string EncodeCheck(const EmbeddingSpace& space) {
  Value root = Value::EmptyObject();
  root.Set("checked_ms", Value(space.checked_ms));
  if (space.last_cosine) root.Set("last_cosine", Value(*space.last_cosine));
  return EncodePayload(root);
}

absl::Status DecodeCheck(std::string_view bytes, EmbeddingSpace* space) {
  LINEAL_ASSIGN_OR_RETURN(const Value root, DecodePayload(bytes));
  space->checked_ms = NumberMember(root, "checked_ms");
  const Value* cosine = root.Find("last_cosine");
  if (const double* number = cosine == nullptr ? nullptr : cosine->get_if<double>()) space->last_cosine = *number;
  return absl::OkStatus();
}

std::string EncodeCanaries(const CanarySet& set) {
  std::string out(1, static_cast<char>(kCanaryFormat));
  PutString(&out, set.endpoint);
  PutString(&out, set.endpoint_model);
  PutFixed(&out, set.floor);
  PutVarint(&out, set.canaries.size());
  for (const Canary& canary : set.canaries) {
    PutString(&out, canary.text);
    PutVarint(&out, canary.is_query ? 1 : 0);
    PutVarint(&out, canary.vector.size());
    for (const float x : canary.vector) PutFixed(&out, x);
  }
  return out;
}

absl::StatusOr<CanarySet> DecodeCanaries(std::string_view bytes) {
  Reader reader(bytes);
  if (reader.Fixed<uint8_t>() != kCanaryFormat) return DataLoss("canaries of an unknown format");
  CanarySet set;
  set.endpoint = reader.String();
  set.endpoint_model = reader.String();
  set.floor = reader.Fixed<double>();
  const uint64_t count = reader.Varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    Canary canary;
    canary.text = reader.String();
    canary.is_query = reader.Varint() != 0;
    const uint64_t dim = reader.Varint();
    if (dim > reader.rest().size() / sizeof(float)) break;
    for (uint64_t d = 0; d < dim; ++d) canary.vector.push_back(reader.Fixed<float>());
    set.canaries.push_back(std::move(canary));
  }
  if (!reader.ok() || !reader.AtEnd() || set.canaries.size() != count) return DataLoss("canaries cannot be read");
  return set;
}

}  // namespace lineal::engine
