// What `collections create` and `ingest --create` have in common: the options of a new collection, and making it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cli/server_client.h"

namespace CLI {
class App;
}

namespace lineal::cli {

struct CollectionSpec {
  uint32_t dim = 0;
  std::string vector_name;        // "" for the unnamed one
  std::string metric = "cosine";  // or dot, euclid, manhattan
  std::string type = "float32";   // or float16, bfloat16, uint8
  uint32_t shards = 1;
  std::vector<std::string> indexes;  // "field:type"
};

// --metric, --type, --shards, --vector-name, --index.
void AddSpecOptions(CLI::App* app, CollectionSpec* spec);

// Creates the collection and its payload indexes. ALREADY_EXISTS if it is there.
absl::Status CreateCollection(ServerClient& client, const std::string& name, const CollectionSpec& spec);

// The body of the request that creates it.
std::string CreateBody(const CollectionSpec& spec);

}  // namespace lineal::cli
