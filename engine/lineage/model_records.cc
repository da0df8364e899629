#include "engine/lineage/model_records.h"

#include "base/coding.h"
#include "base/status.h"
#include "engine/lineage/lineage_keys.h"
#include "engine/payload/codec.h"

namespace lineal::engine {
namespace {

constexpr size_t kNumberBytes = 8;

std::string TextOf(const Value& root, std::string_view key) {
  const Value* value = root.Find(key);
  return value != nullptr && value->is_string() ? value->string() : std::string();
}

int64_t NumberOf(const Value& value) {
  const auto* number = value.get_if<int64_t>();
  return number == nullptr ? 0 : *number;
}
int64_t NumberOf(const Value& root, std::string_view key) {
  const Value* value = root.Find(key);
  return value == nullptr ? 0 : NumberOf(*value);
}

ModelTags TagsOf(const Value& root) {
  ModelTags tags;
  const Value* value = root.Find("tags");
  if (value == nullptr || !value->is_object()) return tags;
  for (const auto& [key, text] : value->object()) {
    if (text.is_string()) tags[key] = text.string();
  }
  return tags;
}

// By the names of the texts of a version.
constexpr std::pair<const char*, std::string ModelVersion::*> kTexts[] = {
    {"description", &ModelVersion::description},    {"source", &ModelVersion::source},
    {"location", &ModelVersion::location},          {"run_id", &ModelVersion::run_id},
    {"run_link", &ModelVersion::run_link},          {"model_id", &ModelVersion::model_id},
    {"state_message", &ModelVersion::state_message}};

constexpr VersionState kStates[] = {VersionState::kPending, VersionState::kReady, VersionState::kFailed,
                                    VersionState::kDeprecated, VersionState::kWithdrawn};

}  // namespace

std::string ModelKey(std::string_view name) { return LineagePrefix("model").append(name); }

std::string PastNumberKey(std::string_view name) { return LineagePrefix("model_number").append(name); }

std::string VersionPrefix(std::string_view model_id) {
  return LineagePrefix("model_version").append(model_id).append("/");
}

std::string VersionKey(std::string_view model_id, uint64_t number) {
  std::string key = VersionPrefix(model_id);
  PutBig64(&key, number);
  return key;
}

std::string MovePrefix(std::string_view model_id) { return LineagePrefix("alias_move").append(model_id).append("/"); }

std::string MovePrefix(std::string_view model_id, std::string_view alias) {
  return MovePrefix(model_id).append(alias).append("/");
}

std::string MoveKey(std::string_view model_id, std::string_view alias, uint64_t move) {
  std::string key = MovePrefix(model_id, alias);
  PutBig64(&key, move);
  return key;
}

VersionPlace PlaceOfVersion(std::string_view key) {
  if (key.size() < kNumberBytes + 1) return {};
  const size_t id_bytes = key.size() - kNumberBytes - 1;
  return {.model_id = key.substr(0, id_bytes), .number = GetBig64(key.data() + id_bytes + 1)};
}

Value TagValue(const TagChange& change) {
  Value body = Value::EmptyObject();
  body.Set("key", Value(change.key));
  if (change.value) body.Set("value", Value(*change.value));
  return body;
}

Value TagsValue(const ModelTags& tags) {
  Value::Object members;
  for (const auto& [key, value] : tags) members.emplace_back(key, Value(value));
  return Value(std::move(members));
}

std::string EncodeModel(const ModelRecord& record) {
  Value root = Value::EmptyObject();
  root.Set("id", Value(record.id));
  root.Set("last_version", Value(record.last_version));
  root.Set("last_move", Value(record.last_move));
  root.Set("description", Value(record.model.description));
  root.Set("tags", TagsValue(record.model.tags));
  Value::Object aliases;
  for (const auto& [alias, number] : record.model.aliases) aliases.emplace_back(alias, Value(number));
  root.Set("aliases", Value(std::move(aliases)));
  root.Set("created_ms", Value(record.model.created_ms));
  root.Set("updated_ms", Value(record.model.updated_ms));
  return EncodePayload(root);
}

absl::StatusOr<ModelRecord> DecodeModel(std::string_view name, std::string_view bytes) {
  LINEAL_ASSIGN_OR_RETURN(const Value root, DecodePayload(bytes));
  ModelRecord record;
  record.id = TextOf(root, "id");
  record.last_version = static_cast<uint64_t>(NumberOf(root, "last_version"));
  record.last_move = static_cast<uint64_t>(NumberOf(root, "last_move"));
  record.model.name = std::string(name);
  record.model.description = TextOf(root, "description");
  record.model.tags = TagsOf(root);
  if (const Value* aliases = root.Find("aliases"); aliases != nullptr && aliases->is_object()) {
    for (const auto& [alias, number] : aliases->object()) {
      record.model.aliases[alias] = static_cast<uint64_t>(NumberOf(number));
    }
  }
  record.model.created_ms = NumberOf(root, "created_ms");
  record.model.updated_ms = NumberOf(root, "updated_ms");
  if (record.id.empty()) return DataLoss("the record of model ", name, " has no id");
  return record;
}

std::string EncodeVersion(const ModelVersion& version) {
  Value root = Value::EmptyObject();
  for (const auto& [name, text] : kTexts) root.Set(name, Value(version.*text));
  root.Set("state", Value(std::string(NameOf(version.state))));
  root.Set("stage", Value(std::string(NameOf(version.stage))));
  root.Set("tags", TagsValue(version.tags));
  root.Set("created_ms", Value(version.created_ms));
  root.Set("updated_ms", Value(version.updated_ms));
  return EncodePayload(root);
}

absl::StatusOr<ModelVersion> DecodeVersion(const ModelRecord& of, uint64_t number, std::string_view bytes) {
  LINEAL_ASSIGN_OR_RETURN(const Value root, DecodePayload(bytes));
  ModelVersion version;
  version.id = of.VersionId(number);
  for (const auto& [name, text] : kTexts) version.*text = TextOf(root, name);
  version.tags = TagsOf(root);
  version.created_ms = NumberOf(root, "created_ms");
  version.updated_ms = NumberOf(root, "updated_ms");
  version.stage = ParseModelStage(TextOf(root, "stage")).value_or(ModelStage::kNone);
  for (const auto& [alias, target] : of.model.aliases) {
    if (target == number) version.aliases.push_back(alias);
  }
  const std::string state = TextOf(root, "state");
  for (const VersionState one : kStates) {
    if (state != NameOf(one)) continue;
    version.state = one;
    return version;
  }
  // What is not known must not pass for ready.
  return DataLoss("version ", number, " of model ", of.model.name, " has the unknown state ", state);
}

std::string EncodePastNumber(uint64_t number) {
  Value root = Value::EmptyObject();
  root.Set("last_version", Value(number));
  return EncodePayload(root);
}

absl::StatusOr<uint64_t> DecodePastNumber(std::string_view bytes) {
  LINEAL_ASSIGN_OR_RETURN(const Value root, DecodePayload(bytes));
  return static_cast<uint64_t>(NumberOf(root, "last_version"));
}

std::string EncodeMove(const ModelAliasMove& move) {
  Value root = Value::EmptyObject();
  root.Set("from", Value(move.from));
  root.Set("to", Value(move.to));
  root.Set("wall_ms", Value(move.wall_ms));
  root.Set("principal", Value(move.principal));
  return EncodePayload(root);
}

absl::StatusOr<ModelAliasMove> DecodeMove(std::string_view bytes) {
  LINEAL_ASSIGN_OR_RETURN(const Value root, DecodePayload(bytes));
  ModelAliasMove move;
  move.from = static_cast<uint64_t>(NumberOf(root, "from"));
  move.to = static_cast<uint64_t>(NumberOf(root, "to"));
  move.wall_ms = NumberOf(root, "wall_ms");
  move.principal = TextOf(root, "principal");
  return move;
}

}  // namespace lineal::engine
