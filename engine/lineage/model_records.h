// How models, their versions and the moves of their aliases lie in the catalogue (docs/format/operations.md). A model
// has an id beside its name, so that a new name leaves all but one record as they are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/api/models.h"
#include "engine/payload/value.h"

namespace lineal::engine {

struct ModelRecord {
  RegisteredModel model;
  std::string id;             // a UUID
  uint64_t last_version = 0;  // the greatest number ever given under its name
  uint64_t last_move = 0;     // of an alias

  ModelVersionId VersionId(uint64_t number) const { return {model.name, number}; }
};

std::string ModelKey(std::string_view name);
// What is left of a name that a model had: the greatest number given under it.
std::string PastNumberKey(std::string_view name);
std::string VersionPrefix(std::string_view model_id);
std::string VersionKey(std::string_view model_id, uint64_t number);
std::string MovePrefix(std::string_view model_id);
std::string MovePrefix(std::string_view model_id, std::string_view alias);
std::string MoveKey(std::string_view model_id, std::string_view alias, uint64_t move);

// Of keys without what comes before the id.
struct VersionPlace {
  std::string_view model_id;
  uint64_t number = 0;
};
VersionPlace PlaceOfVersion(std::string_view key);

// For entries of the audit log.
Value TagValue(const TagChange& change);
Value TagsValue(const ModelTags& tags);
std::string EncodeModel(const ModelRecord& record);
absl::StatusOr<ModelRecord> DecodeModel(std::string_view name, std::string_view bytes);
std::string EncodeVersion(const ModelVersion& version);
// With the aliases that `of` has for it.
absl::StatusOr<ModelVersion> DecodeVersion(const ModelRecord& of, uint64_t number, std::string_view bytes);
std::string EncodePastNumber(uint64_t number);
absl::StatusOr<uint64_t> DecodePastNumber(std::string_view bytes);
std::string EncodeMove(const ModelAliasMove& move);
absl::StatusOr<ModelAliasMove> DecodeMove(std::string_view bytes);

}  // namespace lineal::engine
