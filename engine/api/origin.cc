#include "engine/api/origin.h"

#include <string_view>

#include "base/status.h"

namespace lineal::engine {
namespace {

absl::Status CheckText(std::string_view what, const std::string& text, size_t most) {
  if (text.size() > most) {
    return InvalidArgument(what, " has ", text.size(), " bytes, the limit is ", most);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateContext(const IngestContext& context) {
  LINEAL_RETURN_IF_ERROR(CheckText("run", context.run, kOriginTextMax));
  LINEAL_RETURN_IF_ERROR(CheckText("transform", context.transform, kOriginTextMax));
  LINEAL_RETURN_IF_ERROR(CheckText("space", context.space, kOriginTextMax));
  LINEAL_RETURN_IF_ERROR(CheckText("dataset", context.dataset, kOriginTextMax));
  LINEAL_RETURN_IF_ERROR(CheckText("principal", context.principal, kOriginTextMax));
  return CheckText("endpoint", context.endpoint, kOriginTextMax);
}

absl::Status ValidateSource(const SourceVersion& source) {
  if (source.name.empty()) return InvalidArgument("source has no name");
  LINEAL_RETURN_IF_ERROR(CheckText("namespace of a source", source.source_namespace, kOriginTextMax));
  LINEAL_RETURN_IF_ERROR(CheckText("name of a source", source.name, kSourceNameMax));
  return CheckText("version of a source", source.version, kOriginTextMax);
}

}  // namespace lineal::engine
