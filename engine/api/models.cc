#include "engine/api/models.h"

#include <algorithm>

namespace lineal::engine {
namespace {

char Lower(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; }

}  // namespace

std::string_view NameOf(VersionState state) {
  switch (state) {
    case VersionState::kPending:
      return "pending";
    case VersionState::kReady:
      return "ready";
    case VersionState::kFailed:
      return "failed";
    case VersionState::kDeprecated:
      return "deprecated";
    case VersionState::kWithdrawn:
      return "withdrawn";
  }
  return "pending";
}

std::string_view NameOf(ModelStage stage) {
  switch (stage) {
    case ModelStage::kNone:
      return "None";
    case ModelStage::kStaging:
      return "Staging";
    case ModelStage::kProduction:
      return "Production";
    case ModelStage::kArchived:
      return "Archived";
  }
  return "None";
}

std::optional<ModelStage> ParseModelStage(std::string_view name) {
  for (const ModelStage stage :
       {ModelStage::kNone, ModelStage::kStaging, ModelStage::kProduction, ModelStage::kArchived}) {
    const std::string_view known = NameOf(stage);
    if (std::ranges::equal(name, known, {}, Lower, Lower)) return stage;
  }
  return std::nullopt;
}

}  // namespace lineal::engine
