#include "engine/api/erasure.h"

#include "base/status.h"

namespace lineal::engine {

absl::Status ValidateSelector(const ErasureSelector& selector) {
  const int given = selector.source.has_value() + selector.document.has_value() + !selector.subject.empty() +
                    selector.filter.has_value();
  if (given != 1) return InvalidArgument("selector: want one of `source`, `document`, `subject`, `filter`");
  if (selector.filter && selector.filter->empty()) {
    return InvalidArgument("selector.filter: an empty one selects everything: drop the collection instead");
  }
  if (selector.source) LINEAL_RETURN_IF_ERROR(ValidateSource(*selector.source));
  if (selector.document) LINEAL_RETURN_IF_ERROR(ValidateSource(*selector.document));
  return absl::OkStatus();
}

std::string_view NameOf(ErasureState state) {
  switch (state) {
    case ErasureState::kPlanned:
      return "planned";
    case ErasureState::kRunning:
      return "running";
    case ErasureState::kDone:
      return "done";
  }
  return "";
}

std::string_view NameOf(PlaceStatus status) {
  switch (status) {
    case PlaceStatus::kErased:
      return "erased";
    case PlaceStatus::kNotPresent:
      return "not_present";
    case PlaceStatus::kPending:
      return "pending";
    case PlaceStatus::kUnsupported:
      return "unsupported";
  }
  return "";
}

}  // namespace lineal::engine
