#include "clients/cli/collection_admin.h"

#include <CLI/CLI.hpp>

#include "base/status.h"
#include "engine/payload/json.h"

namespace lineal::cli {
namespace {

using engine::Value;

struct FieldIndex {
  std::string field;
  std::string type;
};

absl::StatusOr<FieldIndex> ParseIndex(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == 0 || colon == std::string_view::npos || colon + 1 == text.size()) {
    return InvalidArgument("--index wants field:type such as section:keyword, got \"", text, "\"");
  }
  return FieldIndex{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

std::string Capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

}  // namespace

void AddSpecOptions(CLI::App* app, CollectionSpec* spec) {
  app->add_option("--metric", spec->metric, "How vectors are compared")
      ->check(CLI::IsMember({"cosine", "dot", "euclid", "manhattan"}, CLI::ignore_case))
      ->capture_default_str();
  app->add_option("--type", spec->type, "How components are stored")
      ->check(CLI::IsMember({"float32", "float16", "bfloat16", "uint8"}))
      ->capture_default_str();
  app->add_option("--shards", spec->shards, "Shards of the collection")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app->add_option("--vector-name", spec->vector_name, "Name of the vector; without it, the unnamed one");
  app->add_option(
      "--index", spec->indexes,
      "Payload index, as field:type with keyword, integer, float, bool, datetime, uuid or text; repeatable");
}

std::string CreateBody(const CollectionSpec& spec) {
  Value vector = Value::EmptyObject();
  vector.Set("size", Value(static_cast<int64_t>(spec.dim)));
  vector.Set("distance", Value(Capitalised(spec.metric)));
  if (spec.type != "float32") vector.Set("datatype", Value(spec.type));
  Value body = Value::EmptyObject();
  if (spec.vector_name.empty()) {
    body.Set("vectors", std::move(vector));
  } else {
    Value named = Value::EmptyObject();
    named.Set(spec.vector_name, std::move(vector));
    body.Set("vectors", std::move(named));
  }
  if (spec.shards != 1) body.Set("shard_number", Value(static_cast<int64_t>(spec.shards)));
  return engine::ToJson(body);
}

absl::Status CreateCollection(ServerClient& client, const std::string& name, const CollectionSpec& spec) {
  std::vector<FieldIndex> indexes;
  for (const std::string& text : spec.indexes) {
    LINEAL_ASSIGN_OR_RETURN(FieldIndex index, ParseIndex(text));
    indexes.push_back(std::move(index));
  }
  LINEAL_RETURN_IF_ERROR(client.Call("PUT", CollectionPath(name), CreateBody(spec)).status());
  for (const FieldIndex& index : indexes) {
    Value body = Value::EmptyObject();
    body.Set("field_name", Value(index.field));
    body.Set("field_schema", Value(index.type));
    LINEAL_RETURN_IF_ERROR(client.Call("PUT", CollectionPath(name, "/index?wait=true"), engine::ToJson(body)).status());
  }
  return absl::OkStatus();
}

}  // namespace lineal::cli
