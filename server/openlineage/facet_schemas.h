// JSON Schemas (2020-12) of the facets that are our own: `lineal_session`, `lineal_embeddingSpace`, `lineal_revision`.
#pragma once

#include <optional>
#include <string_view>

namespace lineal::server::openlineage {

// By file name, "LinealRevisionDatasetFacet.json".
std::optional<std::string_view> FacetSchema(std::string_view file);

}  // namespace lineal::server::openlineage
