#include "engine/api/impact.h"

#include <algorithm>
#include <set>

#include "base/status.h"
#include "engine/api/space_claim.h"

namespace lineal::engine {
namespace {

absl::Status AddCollection(Database& database, const std::string& name, ModelImpact* out) {
  const absl::StatusOr<std::shared_ptr<Collection>> collection = database.GetCollection(name);
  if (collection.status().code() == absl::StatusCode::kNotFound) return absl::OkStatus();  // dropped meanwhile
  LINEAL_RETURN_IF_ERROR(collection.status());
  LINEAL_ASSIGN_OR_RETURN(const CollectionInfo info, (*collection)->Info());
  LINEAL_ASSIGN_OR_RETURN(const std::vector<ContextCount> contexts, (*collection)->CountByContext());
  for (const auto& [vector, schema] : info.schema.vectors) {
    for (const EmbeddingSpace& space : out->spaces) {
      ModelImpact::Field field{name, vector, space.id, schema.space == space.id, 0};
      for (const auto& [context, points] : contexts) {
        const std::string said = ClaimedSpaceOf(context.space, vector);
        if (!said.empty() && (said == space.id || said == space.name)) field.points += points;
      }
      if (!field.bound && field.points == 0) continue;
      out->points += field.points;
      out->fields.push_back(std::move(field));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ModelImpact> ImpactOf(Database& database, const std::string& model, const std::string& version) {
  ModelImpact out;
  LINEAL_ASSIGN_OR_RETURN(Lineage * lineage, database.lineage());
  LINEAL_ASSIGN_OR_RETURN(out.spaces, lineage->spaces().List());
  std::erase_if(out.spaces, [&](const EmbeddingSpace& space) {
    return space.recipe.model != model || space.recipe.model_version != version;
  });
  LINEAL_ASSIGN_OR_RETURN(const std::vector<std::string> names, database.ListCollections());
  for (const std::string& name : names) LINEAL_RETURN_IF_ERROR(AddCollection(database, name, &out));
  std::set<std::string> collections, spaces;
  for (const ModelImpact::Field& field : out.fields) collections.insert(field.collection);
  for (const EmbeddingSpace& space : out.spaces) spaces.insert(space.id);
  LINEAL_ASSIGN_OR_RETURN(out.aliases, database.ListAliases());
  std::erase_if(out.aliases, [&](const Alias& alias) {
    return !collections.contains(alias.target.collection) && !spaces.contains(alias.target.space);
  });
  return out;
}

}  // namespace lineal::engine
