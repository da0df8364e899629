#include "engine/lineage/model_rules.h"

#include <algorithm>
#include <vector>

#include "base/status.h"
#include "simdjson.h"

namespace lineal::engine {
namespace {

bool IsDigit(char letter) { return letter >= '0' && letter <= '9'; }
bool IsLetter(char letter) { return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z'); }
// A letter of any script: what is no ASCII counts as one.
bool IsWord(char letter) {
  return IsDigit(letter) || IsLetter(letter) || letter == '_' || (static_cast<unsigned char>(letter) & 0x80) != 0;
}
bool IsControl(char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f; }

// "v3" would be taken for a version, and "latest" for the newest.
bool IsReservedAlias(std::string_view alias) {
  if (alias.size() > 1 && (alias[0] == 'v' || alias[0] == 'V')) {
    return std::all_of(alias.begin() + 1, alias.end(), IsDigit);
  }
  constexpr std::string_view kLatest = "latest";
  return std::ranges::equal(alias, kLatest, {}, [](char letter) { return static_cast<char>(letter | 0x20); });
}

// What stands between the commas, without the blanks around it.
std::vector<std::string_view> SplitNames(std::string_view list) {
  std::vector<std::string_view> names;
  while (!list.empty()) {
    const size_t end = std::min(list.find(','), list.size());
    std::string_view name = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    const size_t first = name.find_first_not_of(" \t");
    if (first == std::string_view::npos) continue;
    name.remove_prefix(first);
    names.push_back(name.substr(0, name.find_last_not_of(" \t") + 1));
  }
  return names;
}

bool IsGuarded(const RegisteredModel& model, const std::string& alias) {
  const auto guarded = model.tags.find(kGuardedAliasesTag);
  if (guarded == model.tags.end()) return false;
  return std::ranges::count(SplitNames(guarded->second), alias) > 0;
}

std::string Named(const ModelVersion& version) {
  return StrCat("version ", version.id.number, " of model ", version.id.model);
}

std::string WithReason(const ModelVersion& version) {
  std::string text = StrCat(Named(version), " is ", NameOf(version.state));
  if (!version.state_message.empty()) StrAppend(&text, " (", version.state_message, ")");
  return text;
}

}  // namespace

absl::Status ValidateModelText(std::string_view what, const std::string& text, size_t bytes_max) {
  if (text.size() > bytes_max) return InvalidArgument(what, " has ", text.size(), " bytes, the limit is ", bytes_max);
  if (!simdjson::validate_utf8(text.data(), text.size())) return InvalidArgument(what, " is not valid UTF-8");
  return absl::OkStatus();
}

absl::Status ValidateModelName(const std::string& name) {
  if (name.empty()) return InvalidArgument("Registered model name cannot be empty");
  LINEAL_RETURN_IF_ERROR(ValidateModelText("name of the registered model", name, kModelNameMax));
  if (name.find_first_of("/:") != std::string::npos) {
    return InvalidArgument("Invalid registered model name: `", name, "`: it cannot contain / or :");
  }
  if (std::ranges::any_of(name, IsControl)) {
    return InvalidArgument("Invalid registered model name: it has a control character");
  }
  return absl::OkStatus();
}

absl::Status ValidateAliasName(const std::string& alias) {
  if (alias.empty()) return InvalidArgument("Registered model alias name cannot be empty.");
  LINEAL_RETURN_IF_ERROR(ValidateModelText("alias", alias, kModelAliasMax));
  if (!std::ranges::all_of(alias, [](char letter) { return IsWord(letter) || letter == '-'; })) {
    return InvalidArgument("Invalid alias name: `", alias, "`: use letters, digits, _ and -");
  }
  if (IsReservedAlias(alias)) return InvalidArgument("alias name `", alias, "` is reserved");
  return absl::OkStatus();
}

absl::Status ValidateTag(const std::string& key, const std::string& value) {
  if (key.empty()) return InvalidArgument("Tag name cannot be empty.");
  LINEAL_RETURN_IF_ERROR(ValidateModelText("tag name", key, kModelTagKeyMax));
  const auto allowed = [](char letter) {
    return IsWord(letter) || std::string_view("-. :/").find(letter) != std::string_view::npos;
  };
  if (!std::ranges::all_of(key, allowed)) {
    return InvalidArgument("Invalid tag name: `", key, "`: use letters, digits, _ - . : / and blanks");
  }
  return ValidateModelText(StrCat("value of tag `", key, "`"), value);
}

absl::Status ValidateTags(const ModelTags& tags) {
  if (tags.size() > kModelTagsMax) return InvalidArgument(tags.size(), " tags, the limit is ", kModelTagsMax);
  for (const auto& [key, value] : tags) LINEAL_RETURN_IF_ERROR(ValidateTag(key, value));
  return absl::OkStatus();
}

absl::Status ValidateNewVersion(const ModelVersion& wanted) {
  if (wanted.source.empty()) return InvalidArgument("source of the model version cannot be empty");
  LINEAL_RETURN_IF_ERROR(ValidateModelText("source", wanted.source, kModelSourceMax));
  LINEAL_RETURN_IF_ERROR(ValidateModelText("location", wanted.location, kModelSourceMax));
  LINEAL_RETURN_IF_ERROR(ValidateModelText("run_id", wanted.run_id, kModelNameMax));
  LINEAL_RETURN_IF_ERROR(ValidateModelText("run_link", wanted.run_link, kModelSourceMax));
  LINEAL_RETURN_IF_ERROR(ValidateModelText("model_id", wanted.model_id, kModelNameMax));
  LINEAL_RETURN_IF_ERROR(ValidateModelText("description", wanted.description));
  return ValidateTags(wanted.tags);
}

absl::StatusOr<bool> ApplyTagChange(const TagChange& change, ModelTags* tags) {
  if (!change.value) return tags->erase(change.key) > 0;
  const auto found = tags->find(change.key);
  if (found != tags->end() && found->second == *change.value) return false;
  if (found == tags->end() && tags->size() >= kModelTagsMax) {
    return InvalidArgument("tag `", change.key, "` is one too many, the limit is ", kModelTagsMax);
  }
  (*tags)[change.key] = *change.value;
  return true;
}

absl::Status CheckDeletion(const ModelVersion& version) {
  if (version.state != VersionState::kWithdrawn) return absl::OkStatus();
  return FailedPrecondition(WithReason(version), ": it cannot be deleted");
}

absl::Status CheckTransition(const ModelVersion& version, VersionState to) {
  const VersionState from = version.state;
  bool allowed = false;
  switch (to) {
    case VersionState::kPending:
      allowed = from == VersionState::kPending || from == VersionState::kFailed;
      break;
    case VersionState::kReady:
      allowed = from == VersionState::kPending || from == VersionState::kDeprecated;
      break;
    case VersionState::kFailed:
      allowed = from == VersionState::kPending;
      break;
    case VersionState::kDeprecated:
      allowed = from == VersionState::kReady;
      break;
    case VersionState::kWithdrawn:
      allowed = from != VersionState::kWithdrawn;
      break;
  }
  if (allowed) return absl::OkStatus();
  return FailedPrecondition(WithReason(version), ": it cannot become ", NameOf(to));
}

absl::Status CheckStage(const ModelVersion& version, ModelStage stage) {
  const bool active = stage == ModelStage::kStaging || stage == ModelStage::kProduction;
  const bool usable = version.state != VersionState::kFailed && version.state != VersionState::kWithdrawn;
  if (usable || !active) return absl::OkStatus();
  return FailedPrecondition(WithReason(version), ": it cannot go to stage ", NameOf(stage));
}

absl::Status CheckAliasPolicy(const RegisteredModel& model, const std::string& alias, const ModelVersion& target) {
  std::vector<std::string> reasons;
  if (target.state == VersionState::kFailed || target.state == VersionState::kWithdrawn) {
    reasons.push_back(WithReason(target));
  }
  const auto verdict = target.tags.find(kVerdictTag);
  if (IsGuarded(model, alias) && (verdict == target.tags.end() || verdict->second != "pass")) {
    reasons.push_back(StrCat("the alias is guarded and ", Named(target), " has ",
                             verdict == target.tags.end() ? "no verdict" : "another verdict than pass", " (tag ",
                             kVerdictTag, ")"));
  }
  if (reasons.empty()) return absl::OkStatus();
  std::string text = StrCat("alias ", alias, " cannot move: ", reasons.front());
  for (size_t i = 1; i < reasons.size(); ++i) StrAppend(&text, "; ", reasons[i]);
  return FailedPrecondition(text);
}

}  // namespace lineal::engine
