#include "engine/lineage/session_events.h"

#include "base/strings.h"
#include "engine/api/rfc3339.h"
#include "engine/payload/json.h"

namespace lineal::engine {
namespace {

constexpr const char* kProducer = "urn:lineal";
constexpr const char* kEventSchema = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
constexpr const char* kJobOfNoName = "ingest";

Value Facet(const std::string& schema_url) {
  Value facet = Value::EmptyObject();
  facet.Set("_producer", Value(kProducer));
  facet.Set("_schemaURL", Value(schema_url));
  return facet;
}
Value PublishedFacet(std::string_view version, std::string_view schema) {
  return Facet(StrCat("https://openlineage.io/spec/facets/", version, "/", schema, ".json#/$defs/", schema));
}
Value OwnFacet(const SessionEventNames& names, std::string_view schema) {
  return Facet(StrCat(names.schemas, schema, ".json#/$defs/", schema));
}

void SetText(Value* object, std::string_view key, const std::string& text) {
  if (!text.empty()) object->Set(key, Value(text));
}

Value SessionFacet(const IngestSession& session, const SessionEventNames& names) {
  Value facet = OwnFacet(names, "LinealSessionRunFacet");
  facet.Set("session", Value(session.id));
  SetText(&facet, "transform", session.context.transform);
  SetText(&facet, "space", session.context.space);
  SetText(&facet, "dataset", session.context.dataset);
  SetText(&facet, "endpoint", session.context.endpoint);
  SetText(&facet, "principal", session.context.principal);
  if (session.parameters.is_object()) facet.Set("parameters", session.parameters);
  return facet;
}

Value SpaceFacet(const WrittenCollection& collection, const SessionEventNames& names) {
  Value::Array spaces;
  for (const auto& [vector, space] : collection.spaces) {
    Value one = Value::EmptyObject();
    one.Set("vector", Value(vector));
    one.Set("id", Value(space.id));
    SetText(&one, "name", space.name);
    one.Set("model", Value(space.recipe.model));
    SetText(&one, "modelVersion", space.recipe.model_version);
    SetText(&one, "metric", space.recipe.metric);
    one.Set("dimension", Value::Unsigned(space.recipe.dim));
    spaces.push_back(std::move(one));
  }
  Value facet = OwnFacet(names, "LinealEmbeddingSpaceDatasetFacet");
  facet.Set("spaces", Value(std::move(spaces)));
  return facet;
}

Value RevisionFacet(const WrittenCollection& collection, const SessionEventNames& names) {
  Value facet = OwnFacet(names, "LinealRevisionDatasetFacet");
  Value::Array seqs;
  for (const uint64_t seq : collection.seqs) seqs.push_back(Value::Unsigned(seq));
  facet.Set("seqs", Value(std::move(seqs)));
  if (collection.revision == 0) return facet;
  facet.Set("revision", Value::Unsigned(collection.revision));
  Value::Array tags;
  for (const std::string& tag : collection.tags) tags.push_back(Value(tag));
  facet.Set("tags", Value(std::move(tags)));
  return facet;
}

Value OutputOf(const WrittenCollection& collection, const SessionEventNames& names) {
  Value output = Value::EmptyObject();
  output.Set("namespace", Value(names.name_space));
  output.Set("name", Value(collection.name));
  std::string seqs;
  for (const uint64_t seq : collection.seqs) StrAppend(&seqs, seqs.empty() ? "" : ",", seq);
  Value facets = Value::EmptyObject();
  if (!seqs.empty()) {
    Value version = PublishedFacet("1-0-1", "DatasetVersionDatasetFacet");
    version.Set("datasetVersion", Value(seqs));
    facets.Set("version", std::move(version));
    facets.Set("lineal_revision", RevisionFacet(collection, names));
  }
  if (!collection.spaces.empty()) facets.Set("lineal_embeddingSpace", SpaceFacet(collection, names));
  output.Set("facets", std::move(facets));
  Value statistics = PublishedFacet("1-0-2", "OutputStatisticsOutputDatasetFacet");
  statistics.Set("rowCount", Value::Unsigned(collection.points));
  Value side = Value::EmptyObject();
  side.Set("outputStatistics", std::move(statistics));
  output.Set("outputFacets", std::move(side));
  return output;
}

Value EventOf(const IngestSession& session, const char* type, int64_t time_ms, Value::Array outputs,
              const SessionEventNames& names) {
  Value run_facets = Value::EmptyObject();
  run_facets.Set("lineal_session", SessionFacet(session, names));
  Value run = Value::EmptyObject();
  run.Set("runId", Value(session.context.run.empty() ? session.id : session.context.run));
  run.Set("facets", std::move(run_facets));
  Value job = Value::EmptyObject();
  job.Set("namespace", Value(names.name_space));
  job.Set("name", Value(session.job.empty() ? std::string(kJobOfNoName) : session.job));
  Value root = Value::EmptyObject();
  root.Set("eventType", Value(type));
  root.Set("eventTime", Value(Rfc3339(time_ms * 1'000)));
  root.Set("producer", Value(kProducer));
  root.Set("schemaURL", Value(kEventSchema));
  root.Set("run", std::move(run));
  root.Set("job", std::move(job));
  root.Set("inputs", Value(Value::Array()));
  root.Set("outputs", Value(std::move(outputs)));
  return root;
}

}  // namespace

std::string StartEventOf(const IngestSession& session, const SessionEventNames& names) {
  return ToJson(EventOf(session, "START", session.opened_ms, {}, names));
}

std::string EndEventOf(const IngestSession& session, const std::vector<WrittenCollection>& written,
                       const SessionEventNames& names) {
  Value::Array outputs;
  for (const WrittenCollection& collection : written) outputs.push_back(OutputOf(collection, names));
  const char* type = session.state == SessionState::kFailed ? "FAIL" : "COMPLETE";
  return ToJson(EventOf(session, type, session.closed_ms, std::move(outputs), names));
}

}  // namespace lineal::engine
