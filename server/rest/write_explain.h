// How searches were run, as JSON.
#pragma once

#include <string>

#include "engine/api/explain.h"
#include "server/rest/json_writer.h"
#include "server/rest/rest_call.h"

namespace lineal::server {

void WriteExplain(JsonWriter* out, const engine::SearchExplain& explain);
// ,"explain": an object, or of a batch a list with null where a query did not ask for it. Empty if none asked.
std::string ExplainMember(const RestCall& call);

}  // namespace lineal::server
