// The fields of a request as MLflow's clients send them: a JSON body, or a query string where there is none. Unknown
// fields are let pass, null counts as absent, and numbers may come as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/api/models.h"
#include "engine/payload/value.h"

namespace lineal::server::mlflow {

// All that read give INVALID_ARGUMENT with the name of the field.
class Request {
 public:
  static absl::StatusOr<Request> Parse(std::string_view body,
                                       const std::vector<std::pair<std::string, std::string>>& query);

  bool Has(std::string_view name) const;
  // Not empty.
  absl::StatusOr<std::string> Required(std::string_view name) const;
  // Empty if it is not there.
  absl::StatusOr<std::string> Text(std::string_view name) const;
  absl::StatusOr<std::vector<std::string>> Texts(std::string_view name) const;
  absl::StatusOr<bool> Flag(std::string_view name) const;
  absl::StatusOr<uint64_t> Number(std::string_view name, uint64_t otherwise) const;

  // [{"key", "value"}]
  absl::StatusOr<engine::ModelTags> Tags() const;
  // "name" and "version".
  absl::StatusOr<engine::ModelVersionId> Version() const;

  std::string principal;  // who was authorized; empty when nobody had to be

 private:
  explicit Request(engine::Value fields) : fields_(std::move(fields)) {}
  const engine::Value* Find(std::string_view name) const;

  engine::Value fields_;
};

}  // namespace lineal::server::mlflow
