#include "engine/lineage/space_registry.h"

#include <algorithm>
#include <cmath>

#include "base/status.h"
#include "engine/api/origin.h"
#include "engine/lineage/lineage_keys.h"
#include "engine/lineage/space_record.h"

namespace lineal::engine {
namespace {

constexpr size_t kNameBytesMax = 255;
constexpr size_t kCanariesMax = 1'000;

absl::Status NoSuchSpace(const std::string& name) { return NotFound("No embedding space `", name, "` found"); }

std::string KeyOf(const std::string& id) { return LineagePrefix("space") + id; }
std::string CheckKeyOf(const std::string& id) { return LineagePrefix("space_check") + id; }
std::string CanaryKeyOf(const std::string& id) { return LineagePrefix("canary") + id; }

bool LooksLikeAnId(const std::string& name) {
  return name.size() == 32 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

absl::Status ValidateSpaceName(const std::string& name) {
  if (name.size() > kNameBytesMax) {
    return InvalidArgument("the name has ", name.size(), " bytes, the limit is ", kNameBytesMax);
  }
  if (name.find_first_of(",=; \t\r\n") != std::string::npos) {
    return InvalidArgument("the name `", name, "` has a space, a comma, an equals sign or a semicolon");
  }
  if (LooksLikeAnId(name)) return InvalidArgument("the name `", name, "` looks like a space's id");
  return absl::OkStatus();
}

absl::Status ValidateCanaries(const CanarySet& set, const EmbeddingSpace& space) {
  if (set.canaries.size() > kCanariesMax) {
    return InvalidArgument(set.canaries.size(), " canaries, the limit is ", kCanariesMax);
  }
  if (!(set.floor >= -1 && set.floor <= 1)) return OutOfRange("floor: value ", set.floor, " invalid, must be a cosine");
  for (const Canary& canary : set.canaries) {
    if (canary.vector.size() != space.recipe.dim) {
      return InvalidArgument("a canary has ", canary.vector.size(), " components, space ", Describe(space));
    }
    double squares = 0;
    for (const float x : canary.vector) squares += static_cast<double>(x) * x;
    if (!std::isfinite(squares) || squares == 0) return InvalidArgument("a canary is zero or not finite");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status LocalSpaceRegistry::Load() {
  absl::Status status;
  const std::string prefix = LineagePrefix("space");
  LINEAL_RETURN_IF_ERROR(meta_->List(prefix, [&](std::string_view key, std::string_view bytes) {
    const std::string id(key.substr(prefix.size()));
    absl::StatusOr<EmbeddingSpace> space = DecodeSpace(id, bytes);
    status.Update(space.status());
    if (space.ok()) spaces_[id] = *std::move(space);
  }));
  const std::string checks = LineagePrefix("space_check");
  LINEAL_RETURN_IF_ERROR(meta_->List(checks, [&](std::string_view key, std::string_view bytes) {
    const auto space = spaces_.find(std::string(key.substr(checks.size())));
    if (space != spaces_.end()) status.Update(DecodeCheck(bytes, &space->second));
  }));
  return status;
}

absl::Status LocalSpaceRegistry::Save(const EmbeddingSpace& space, const std::string& kind,
                                      const std::string& principal) {
  LINEAL_RETURN_IF_ERROR(
      audit_->Commit({{kind, space.id, principal, ValueOf(space)}}, {{KeyOf(space.id), EncodeSpace(space)}}));
  std::unique_lock lock(mutex_);
  spaces_[space.id] = space;
  return absl::OkStatus();
}

absl::StatusOr<EmbeddingSpace> LocalSpaceRegistry::Register(const SpaceRecipe& recipe, const std::string& name,
                                                            const std::string& principal) {
  LINEAL_RETURN_IF_ERROR(ValidateRecipe(recipe));
  LINEAL_RETURN_IF_ERROR(ValidateSpaceName(name));
  std::lock_guard change(change_mutex_);
  EmbeddingSpace space;
  space.id = SpaceIdOf(recipe);
  {
    std::shared_lock lock(mutex_);
    const auto same = spaces_.find(space.id);
    if (same != spaces_.end() && (name.empty() || name == same->second.name)) return same->second;
    for (const auto& [id, other] : spaces_) {
      if (!name.empty() && other.name == name) {
        return AlreadyExists("the name `", name, "` is that of space ", Describe(other));
      }
    }
    if (same != spaces_.end() && !same->second.name.empty()) {
      return AlreadyExists("this recipe is space ", Describe(same->second), " already");
    }
    if (same != spaces_.end()) space = same->second;
  }
  space.name = name;
  space.recipe = recipe;
  if (space.created_ms == 0) space.created_ms = clock_->WallMs();
  LINEAL_RETURN_IF_ERROR(Save(space, "space.register", principal));
  return space;
}

absl::StatusOr<EmbeddingSpace> LocalSpaceRegistry::Find(const std::string& id_or_name) {
  std::shared_lock lock(mutex_);
  if (const auto found = spaces_.find(id_or_name); found != spaces_.end()) return found->second;
  for (const auto& [id, space] : spaces_) {
    if (!id_or_name.empty() && space.name == id_or_name) return space;
  }
  return NoSuchSpace(id_or_name);
}

absl::StatusOr<std::vector<EmbeddingSpace>> LocalSpaceRegistry::List() {
  std::vector<EmbeddingSpace> spaces;
  {
    std::shared_lock lock(mutex_);
    for (const auto& [id, space] : spaces_) spaces.push_back(space);
  }
  std::ranges::stable_sort(spaces, {}, &EmbeddingSpace::created_ms);
  return spaces;
}

absl::Status LocalSpaceRegistry::SetCanaries(const std::string& id, const CanarySet& canaries,
                                             const std::string& principal) {
  std::lock_guard change(change_mutex_);
  LINEAL_ASSIGN_OR_RETURN(const EmbeddingSpace space, Find(id));
  LINEAL_RETURN_IF_ERROR(ValidateCanaries(canaries, space));
  Value told = Value::EmptyObject();
  told.Set("endpoint", Value(canaries.endpoint));
  told.Set("endpoint_model", Value(canaries.endpoint_model));
  told.Set("canaries", Value::Unsigned(canaries.canaries.size()));
  told.Set("floor", Value(canaries.floor));
  return audit_->Commit({{"space.canaries", space.id, principal, std::move(told)}},
                        {{CanaryKeyOf(space.id), EncodeCanaries(canaries)}});
}

absl::StatusOr<CanarySet> LocalSpaceRegistry::CanariesOf(const std::string& id) {
  LINEAL_ASSIGN_OR_RETURN(const EmbeddingSpace space, Find(id));
  LINEAL_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, meta_->Get(CanaryKeyOf(space.id)));
  if (!bytes) return CanarySet();
  return DecodeCanaries(*bytes);
}

absl::Status LocalSpaceRegistry::SetState(const std::string& id, SpaceState state, const std::string& note,
                                          std::optional<double> cosine, const std::string& principal) {
  std::lock_guard change(change_mutex_);
  LINEAL_ASSIGN_OR_RETURN(EmbeddingSpace space, Find(id));
  const bool same = space.state == state && space.note == note;
  space.state = state;
  space.note = note;
  space.checked_ms = clock_->WallMs();
  if (cosine) space.last_cosine = cosine;
  LINEAL_RETURN_IF_ERROR(meta_->Apply({{CheckKeyOf(space.id), EncodeCheck(space)}}));
  if (!same) return Save(space, state == SpaceState::kSuspect ? "space.suspect" : "space.trust", principal);
  std::unique_lock lock(mutex_);
  spaces_[space.id] = space;
  return absl::OkStatus();
}

}  // namespace lineal::engine
