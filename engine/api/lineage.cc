#include "engine/api/lineage.h"

namespace lineal::engine {

std::string_view NameOf(SessionState state) {
  switch (state) {
    case SessionState::kOpen:
      return "open";
    case SessionState::kComplete:
      return "complete";
    case SessionState::kFailed:
      return "failed";
  }
  return "open";
}

}  // namespace lineal::engine
