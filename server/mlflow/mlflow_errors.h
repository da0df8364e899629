// What a Status becomes for MLflow's clients. They try 429, 500 and 503 again, so that a refusal is never one of these.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace lineal::server::mlflow {

struct Error {
  int status = 500;  // of HTTP
  std::string_view code;
};
Error ErrorOf(const absl::Status& status);

// {"error_code", "message"}
std::string ErrorBody(std::string_view code, std::string_view message);

}  // namespace lineal::server::mlflow
