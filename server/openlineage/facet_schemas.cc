#include "server/openlineage/facet_schemas.h"

#include <utility>

namespace lineal::server::openlineage {
namespace {

constexpr std::string_view kSession = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$defs": {
    "LinealSessionRunFacet": {
      "description": "The ingest session of Lineal that the run is, or is a part of.",
      "type": "object",
      "properties": {
        "_producer": {"type": "string", "format": "uri"},
        "_schemaURL": {"type": "string", "format": "uri"},
        "session": {"description": "The session's id.", "type": "string", "format": "uuid"},
        "transform": {"description": "What cut and cleaned.", "type": "string"},
        "space": {"description": "The embedding space that the session names.", "type": "string"},
        "dataset": {"description": "The version of the data set that was read.", "type": "string"},
        "endpoint": {"description": "What embedded.", "type": "string"},
        "principal": {"description": "Who was authorized.", "type": "string"},
        "parameters": {"type": "object"}
      },
      "required": ["_producer", "_schemaURL", "session"],
      "additionalProperties": false
    }
  },
  "type": "object",
  "properties": {"lineal_session": {"$ref": "#/$defs/LinealSessionRunFacet"}}
}
)";

constexpr std::string_view kSpace = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$defs": {
    "LinealEmbeddingSpaceDatasetFacet": {
      "description": "The embedding spaces that the vectors of a collection lie in.",
      "type": "object",
      "properties": {
        "_producer": {"type": "string", "format": "uri"},
        "_schemaURL": {"type": "string", "format": "uri"},
        "spaces": {
          "type": "array",
          "minItems": 1,
          "items": {
            "type": "object",
            "properties": {
              "vector": {"description": "The vector's name; empty for the one without.", "type": "string"},
              "id": {"description": "The digest of the recipe.", "type": "string", "pattern": "^[0-9a-f]{32}$"},
              "name": {"type": "string"},
              "model": {"type": "string"},
              "modelVersion": {"type": "string"},
              "metric": {"type": "string"},
              "dimension": {"type": "integer", "minimum": 1}
            },
            "required": ["vector", "id", "model", "dimension"],
            "additionalProperties": false
          }
        }
      },
      "required": ["_producer", "_schemaURL", "spaces"],
      "additionalProperties": false
    }
  },
  "type": "object",
  "properties": {"lineal_embeddingSpace": {"$ref": "#/$defs/LinealEmbeddingSpaceDatasetFacet"}}
}
)";

constexpr std::string_view kRevision = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$defs": {
    "LinealRevisionDatasetFacet": {
      "description": "The state of a collection when the run ended.",
      "type": "object",
      "properties": {
        "_producer": {"type": "string", "format": "uri"},
        "_schemaURL": {"type": "string", "format": "uri"},
        "seqs": {
          "description": "The newest seq of each shard: what `as_of_seq` takes.",
          "type": "array",
          "minItems": 1,
          "items": {"type": "integer", "minimum": 0}
        },
        "revision": {"description": "The revision with just these seqs.", "type": "integer", "minimum": 1},
        "tags": {"type": "array", "items": {"type": "string"}}
      },
      "required": ["_producer", "_schemaURL", "seqs"],
      "additionalProperties": false
    }
  },
  "type": "object",
  "properties": {"lineal_revision": {"$ref": "#/$defs/LinealRevisionDatasetFacet"}}
}
)";

constexpr std::pair<std::string_view, std::string_view> kSchemas[] = {{"LinealSessionRunFacet.json", kSession},
                                                                      {"LinealEmbeddingSpaceDatasetFacet.json", kSpace},
                                                                      {"LinealRevisionDatasetFacet.json", kRevision}};

}  // namespace

std::optional<std::string_view> FacetSchema(std::string_view file) {
  for (const auto& [name, schema] : kSchemas) {
    if (name == file) return schema;
  }
  return std::nullopt;
}

}  // namespace lineal::server::openlineage
