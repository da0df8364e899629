// What a server is told of OpenLineage. Plain data.
#pragma once

#include <cstdint>
#include <string>

namespace lineal::engine {

// How our own events name things.
struct SessionEventNames {
  std::string name_space = "lineal://localhost:6333";         // of our jobs and collections
  std::string schemas = "http://localhost:6333/v1/schemas/";  // where the schemas of our own facets are served
};

struct OpenLineageOptions {
  int64_t retention_s = 30 * 86'400;  // of raw events; 0: for ever
  SessionEventNames names;
};

}  // namespace lineal::engine
