// What a Status becomes for senders of lineage. They try 503 again and give up at 429, so that 429 is never answered.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace lineal::server::openlineage {

int HttpStatusOf(const absl::Status& status);
// {"code", "message"}
std::string ErrorBody(int http_status, std::string_view message);

}  // namespace lineal::server::openlineage
