// Requests of MLflow's registry, byte by byte: whatever comes in is read or refused, and what is taken for a source has
// no way up in it.
#include "base/check.h"
#include "server/mlflow/model_source.h"
#include "server/mlflow/registry_search.h"

namespace lineal::server::mlflow {
namespace {

void Search(const Request& request) {
  for (const Searched what : {Searched::kModels, Searched::kVersions}) {
    const auto query = ReadSearch(request, what);
    if (query.ok()) {
      LINEAL_CHECK(query->limit > 0);
      for (const engine::ModelCondition& condition : query->conditions) LINEAL_CHECK(!condition.values.empty());
    } else {
      LINEAL_CHECK(absl::IsInvalidArgument(query.status()));
    }
  }
}

}  // namespace
}  // namespace lineal::server::mlflow

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using lineal::server::mlflow::Request;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (lineal::server::mlflow::ValidateSource(text).ok()) {
    LINEAL_CHECK(text.find("/../") == std::string::npos && !text.starts_with("/"));
    lineal::server::mlflow::VersionOfSource(text);
  }
  const auto fields = Request::Parse("", {{"filter", text}, {"order_by", text}});
  if (fields.ok()) lineal::server::mlflow::Search(*fields);
  const auto filter = Request::Parse("", {{"filter", text}});
  if (filter.ok()) lineal::server::mlflow::Search(*filter);
  const auto body = Request::Parse(text, {});
  if (!body.ok()) return 0;
  lineal::server::mlflow::Search(*body);
  (void)body->Tags();
  (void)body->Version();
  return 0;
}
