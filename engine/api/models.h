// Registered models and their versions: what embeds, and which of it may be relied on. Names, stages and aliases are as
// MLflow has them; states are our own.
//
// A version's number is never given twice under one name, not even after the model was deleted. What was withdrawn
// stays withdrawn and cannot be deleted.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lineal::engine {

inline constexpr size_t kModelNameMax = 1'024;  // bytes, as all that follow
inline constexpr size_t kModelTextMax = 5'000;  // descriptions, values of tags, reasons
inline constexpr size_t kModelSourceMax = 4'096;
inline constexpr size_t kModelTagKeyMax = 250;
inline constexpr size_t kModelAliasMax = 255;
inline constexpr size_t kModelTagsMax = 500;  // of a model or a version; aliases of a model too

// A version with this tag is pending until whoever checks its endpoint has said what it found.
inline constexpr std::string_view kEndpointTag = "embedding.endpoint";
// Of a model: names of aliases, separated by commas, that move only to versions with a verdict that lets them.
inline constexpr std::string_view kGuardedAliasesTag = "lineal.guarded_aliases";
inline constexpr std::string_view kVerdictTag = "lineal.verdict";

using ModelTags = std::map<std::string, std::string, std::less<>>;

enum class VersionState { kPending, kReady, kFailed, kDeprecated, kWithdrawn };
enum class ModelStage { kNone, kStaging, kProduction, kArchived };
std::string_view NameOf(VersionState state);  // "pending"
std::string_view NameOf(ModelStage stage);    // "None"
// As NameOf has it, in any case.
std::optional<ModelStage> ParseModelStage(std::string_view name);

struct RegisteredModel {
  std::string name;
  std::string description;
  ModelTags tags;
  std::map<std::string, uint64_t, std::less<>> aliases;  // to numbers of versions
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
};

struct ModelVersionId {
  std::string model;
  uint64_t number = 0;
  friend bool operator==(const ModelVersionId&, const ModelVersionId&) = default;
};

struct ModelVersion {
  ModelVersionId id;
  std::string description;
  std::string source;    // as it was given
  std::string location;  // where its files are, if the source only names another version; else empty
  std::string run_id;
  std::string run_link;
  std::string model_id;  // of a logged model of MLflow 3
  VersionState state = VersionState::kReady;
  std::string state_message;  // why it failed or was withdrawn
  ModelStage stage = ModelStage::kNone;
  ModelTags tags;
  std::vector<std::string> aliases;  // that point at it, in order
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
};

struct TagChange {
  std::string key;
  std::optional<std::string> value;  // nothing: removed
};

struct StageMove {
  ModelStage stage = ModelStage::kNone;
  bool archive_others = false;  // of the model that are in this stage
};

struct ModelAliasMove {
  uint64_t from = 0;  // 0: the alias was not there
  uint64_t to = 0;    // 0: it was removed
  int64_t wall_ms = 0;
  std::string principal;
};

struct ModelCondition {
  enum class Field { kName, kTag, kRunId, kSource };
  enum class Match { kEqual, kNotEqual, kLike, kLikeAnyCase, kIn };  // LIKE as in SQL: % and _
  Field field = Field::kName;
  std::string tag;  // its key; what does not have the tag does not match, whatever is asked
  Match match = Match::kEqual;
  std::vector<std::string> values;  // one, or any number for kIn
};

struct ModelOrder {
  enum class By { kName, kNumber, kCreated, kUpdated };
  By by = By::kName;
  bool descending = false;
};

struct ModelQuery {
  std::vector<ModelCondition> conditions;  // all of them
  ModelTags without_tags;                  // what has one of these is left out
  std::vector<ModelOrder> order;           // then by name, then by number, the newest first
  uint64_t offset = 0;
  uint64_t limit = 100;
};

template <class T>
struct ModelPage {
  std::vector<T> items;
  bool more = false;
};

// Threads: any. Changes are durable, and in the audit log with `principal`, when their calls return; a change that is
// refused changes nothing. INVALID_ARGUMENT for texts outside their limits, NOT_FOUND, ALREADY_EXISTS, and
// FAILED_PRECONDITION for what the state of a version or a guard forbids.
class ModelRegistry {
 public:
  virtual ~ModelRegistry() = default;

  // Of `wanted` the name, the description and the tags.
  virtual absl::StatusOr<RegisteredModel> CreateModel(const RegisteredModel& wanted, const std::string& principal) = 0;
  virtual absl::StatusOr<RegisteredModel> FindModel(const std::string& name) = 0;
  virtual absl::StatusOr<RegisteredModel> RenameModel(const std::string& name, const std::string& new_name,
                                                      const std::string& principal) = 0;
  virtual absl::StatusOr<RegisteredModel> DescribeModel(const std::string& name, const std::string& description,
                                                        const std::string& principal) = 0;
  virtual absl::Status ChangeModelTag(const std::string& name, const TagChange& change,
                                      const std::string& principal) = 0;
  // With all its versions and aliases.
  virtual absl::Status DeleteModel(const std::string& name, const std::string& principal) = 0;
  virtual absl::StatusOr<ModelPage<RegisteredModel>> SearchModels(const ModelQuery& query) = 0;

  // Of `wanted` the model, the description, the source, the location, the run, the model id and the tags.
  virtual absl::StatusOr<ModelVersion> CreateVersion(const ModelVersion& wanted, const std::string& principal) = 0;
  virtual absl::StatusOr<ModelVersion> FindVersion(const ModelVersionId& id) = 0;
  // The newest of each of `stages` that has one; of all stages where none is named.
  virtual absl::StatusOr<std::vector<ModelVersion>> LatestVersions(const std::string& model,
                                                                   const std::vector<ModelStage>& stages) = 0;
  virtual absl::StatusOr<ModelVersion> DescribeVersion(const ModelVersionId& id, const std::string& description,
                                                       const std::string& principal) = 0;
  virtual absl::Status ChangeVersionTag(const ModelVersionId& id, const TagChange& change,
                                        const std::string& principal) = 0;
  virtual absl::StatusOr<ModelVersion> MoveToStage(const ModelVersionId& id, const StageMove& move,
                                                   const std::string& principal) = 0;
  virtual absl::Status DeleteVersion(const ModelVersionId& id, const std::string& principal) = 0;
  virtual absl::StatusOr<ModelPage<ModelVersion>> SearchVersions(const ModelQuery& query) = 0;

  // From pending to ready or failed, from failed to pending, between ready and deprecated; `message` says why.
  virtual absl::StatusOr<ModelVersion> SetState(const ModelVersionId& id, VersionState state,
                                                const std::string& message, const std::string& principal) = 0;
  // From any state, for good. Again with the same reason changes nothing.
  virtual absl::StatusOr<ModelVersion> Withdraw(const ModelVersionId& id, const std::string& reason,
                                                const std::string& principal) = 0;

  // Makes or moves an alias. Never to a failed or a withdrawn version.
  virtual absl::Status PointAlias(const ModelVersionId& id, const std::string& alias, const std::string& principal) = 0;
  // OK if there is none.
  virtual absl::Status RemoveAlias(const std::string& model, const std::string& alias,
                                   const std::string& principal) = 0;
  // Nothing if the model has no such alias.
  virtual absl::StatusOr<std::optional<ModelVersion>> FindByAlias(const std::string& model,
                                                                  const std::string& alias) = 0;
  // Oldest first.
  virtual absl::StatusOr<std::vector<ModelAliasMove>> AliasMoves(const std::string& model,
                                                                 const std::string& alias) = 0;
};

}  // namespace lineal::engine
