// What stands on a model version: its spaces, the collections whose vectors lie in them, and the aliases that lead
// there.
#pragma once

#include <string>
#include <vector>

#include "engine/api/database.h"

namespace lineal::engine {

struct ModelImpact {
  struct Field {
    std::string collection, vector, space;
    bool bound = false;   // the collection holds the vector to the space
    uint64_t points = 0;  // living, whose context says the space
  };
  std::vector<EmbeddingSpace> spaces;
  std::vector<Field> fields;   // by collection and vector
  std::vector<Alias> aliases;  // to those collections, or that say one of the spaces
  uint64_t points = 0;
};

// Takes time with the collections and their contexts, not with their points.
absl::StatusOr<ModelImpact> ImpactOf(Database& database, const std::string& model, const std::string& version);

}  // namespace lineal::engine
