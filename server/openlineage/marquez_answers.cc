#include "server/openlineage/marquez_answers.h"

#include <map>

#include "base/status.h"
#include "engine/api/rfc3339.h"
#include "server/openlineage/node_text.h"

namespace lineal::server::openlineage {
namespace {

using engine::LineageLink;
using engine::LineageLinkKind;
using engine::LineageNode;
using engine::LineageNodeId;
using engine::LineageRunState;
using engine::Value;

constexpr uint64_t kLinksShown = 1'000;

Value Time(int64_t time_us) { return time_us == 0 ? Value() : Value(engine::Rfc3339(time_us)); }

// A member of a facet, null if there is none.
Value Of(const Value& facets, std::string_view facet, std::string_view member) {
  const Value* found = facets.Find(facet);
  const Value* value = found == nullptr ? nullptr : found->Find(member);
  return value == nullptr ? Value() : *value;
}
Value Or(Value value, Value otherwise) { return value.is_null() ? std::move(otherwise) : std::move(value); }

Value NameAnswer(const LineageNodeId& id) {
  Value answer = Value::EmptyObject();
  answer.Set("namespace", Value(id.name_space));
  answer.Set("name", Value(id.name));
  return answer;
}

// What all nodes with a namespace have.
Value Common(const LineageNode& node) {
  Value answer = Value::EmptyObject();
  answer.Set("id", NameAnswer(node.id));
  answer.Set("namespace", Value(node.id.name_space));
  answer.Set("name", Value(node.id.name));
  answer.Set("createdAt", Time(node.first_us));
  answer.Set("updatedAt", Time(node.last_us));
  answer.Set("description", Of(node.facets, "documentation", "description"));
  answer.Set("facets", node.facets);
  return answer;
}

Value FieldsAnswer(const Value& facets) {
  Value::Array fields;
  const Value listed = Of(facets, "schema", "fields");
  if (!listed.is_array()) return Value(std::move(fields));
  for (const Value& field : listed.array()) {
    const Value *name = field.Find("name"), *type = field.Find("type"), *description = field.Find("description");
    if (name == nullptr || !name->is_string()) continue;
    Value one = Value::EmptyObject();
    one.Set("name", *name);
    one.Set("type", type == nullptr ? Value() : *type);
    one.Set("description", description == nullptr ? Value() : *description);
    one.Set("tags", Value(Value::Array()));
    fields.push_back(std::move(one));
  }
  return Value(std::move(fields));
}

Value StateText(LineageRunState state) {
  switch (state) {
    case LineageRunState::kUnknown:
      return Value("NEW");
    case LineageRunState::kRunning:
      return Value("RUNNING");
    case LineageRunState::kComplete:
      return Value("COMPLETED");
    case LineageRunState::kAborted:
      return Value("ABORTED");
    case LineageRunState::kFailed:
      return Value("FAILED");
  }
  return Value();
}

Value LinkedDatasets(const std::vector<LineageLink>& links, LineageLinkKind kind, std::string_view facets) {
  Value::Array list;
  for (const LineageLink& link : links) {
    if (link.kind != kind) continue;
    Value one = NameAnswer(link.other);
    if (!facets.empty() && !link.facets.object().empty()) one.Set(facets, link.facets);
    list.push_back(std::move(one));
  }
  return Value(std::move(list));
}

std::string_view TypeOf(LineageNodeId::Kind kind) {
  switch (kind) {
    case LineageNodeId::Kind::kDataset:
      return "DATASET";
    case LineageNodeId::Kind::kField:
      return "DATASET_FIELD";
    case LineageNodeId::Kind::kJob:
      return "JOB";
    case LineageNodeId::Kind::kRun:
      return "RUN";
  }
  return "";
}

Value FieldAnswer(const LineageNode& field) {
  Value answer = Value::EmptyObject();
  answer.Set("namespace", Value(field.id.name_space));
  answer.Set("dataset", Value(field.id.name));
  answer.Set("field", Value(field.id.field));
  return answer;
}

}  // namespace

Value AnswerOf(const engine::LineageNamespace& name_space) {
  Value answer = Value::EmptyObject();
  answer.Set("name", Value(name_space.name));
  answer.Set("createdAt", Time(name_space.first_us));
  answer.Set("updatedAt", Time(name_space.last_us));
  answer.Set("ownerName", Value("anonymous"));
  answer.Set("description", Value());
  answer.Set("isHidden", Value(false));
  return answer;
}

absl::StatusOr<Value> DatasetAnswer(engine::OpenLineageStore& store, const LineageNode& dataset) {
  Value answer = Common(dataset);
  answer.Set("type", Value("DB_TABLE"));
  answer.Set("datasetType", Of(dataset.facets, "datasetType", "datasetType"));
  answer.Set("physicalName", Value(dataset.id.name));
  answer.Set("sourceName", Or(Of(dataset.facets, "dataSource", "name"), Value("default")));
  answer.Set("fields", FieldsAnswer(dataset.facets));
  answer.Set("tags", Value(Value::Array()));
  answer.Set("lastModifiedAt", Time(dataset.last_us));
  answer.Set("lastLifecycleState", Of(dataset.facets, "lifecycleStateChange", "lifecycleStateChange"));
  answer.Set("deleted", Value(false));
  LINEAL_ASSIGN_OR_RETURN(const auto versions, store.VersionsOf(dataset.id, 1));
  answer.Set("currentVersion", versions.empty() ? Value() : Value(versions.front().version));
  LINEAL_ASSIGN_OR_RETURN(const auto links, store.Links(dataset.id, LineageLinkKind::kSameAs, kLinksShown));
  answer.Set("symlinks", LinkedDatasets(links, LineageLinkKind::kSameAs, ""));
  return answer;
}

absl::StatusOr<Value> JobAnswer(engine::OpenLineageStore& store, const LineageNode& job) {
  Value answer = Common(job);
  answer.Set("type", Or(Of(job.facets, "jobType", "processingType"), Value("BATCH")));
  answer.Set("simpleName", Value(job.id.name));
  answer.Set("location", Of(job.facets, "sourceCodeLocation", "url"));
  answer.Set("tags", Value(Value::Array()));
  LINEAL_ASSIGN_OR_RETURN(const auto inputs, store.Links(job.id, LineageLinkKind::kReads, kLinksShown));
  LINEAL_ASSIGN_OR_RETURN(const auto outputs, store.Links(job.id, LineageLinkKind::kWrites, kLinksShown));
  LINEAL_ASSIGN_OR_RETURN(const auto parents, store.Links(job.id, LineageLinkKind::kParent, 1));
  answer.Set("inputs", LinkedDatasets(inputs, LineageLinkKind::kReads, ""));
  answer.Set("outputs", LinkedDatasets(outputs, LineageLinkKind::kWrites, ""));
  answer.Set("parentJobName", parents.empty() ? Value() : Value(parents.front().other.name));
  answer.Set("latestRun", Value());
  if (job.latest_run.empty()) return answer;
  LINEAL_ASSIGN_OR_RETURN(const engine::LineageRun latest, store.FindRun(job.latest_run));
  answer.Set("latestRun", RunAnswer(latest));
  return answer;
}

Value RunAnswer(const engine::LineageRun& run) {
  Value answer = Value::EmptyObject();
  answer.Set("id", Value(run.node.id.name));
  answer.Set("createdAt", Time(run.node.first_us));
  answer.Set("updatedAt", Time(run.node.last_us));
  answer.Set("nominalStartTime", Of(run.node.facets, "nominalTime", "nominalStartTime"));
  answer.Set("nominalEndTime", Of(run.node.facets, "nominalTime", "nominalEndTime"));
  answer.Set("state", StateText(run.state));
  answer.Set("startedAt", Time(run.started_us));
  answer.Set("endedAt", Time(run.ended_us));
  const bool whole = run.started_us != 0 && run.ended_us >= run.started_us;
  answer.Set("durationMs", whole ? Value((run.ended_us - run.started_us) / 1'000) : Value());
  answer.Set("args", Value::EmptyObject());
  answer.Set("job", NameAnswer(run.job));
  answer.Set("inputDatasets", LinkedDatasets(run.links, LineageLinkKind::kReads, "inputFacets"));
  answer.Set("outputDatasets", LinkedDatasets(run.links, LineageLinkKind::kWrites, "outputFacets"));
  Value parent;
  for (const LineageLink& link : run.links) {
    if (link.kind == LineageLinkKind::kParent) parent = Value(link.other.name);
  }
  answer.Set("parentRunId", std::move(parent));
  answer.Set("facets", run.node.facets);
  return answer;
}

Value VersionAnswer(const LineageNode& dataset, const engine::LineageDatasetVersion& version) {
  Value id = NameAnswer(dataset.id);
  id.Set("version", Value(version.version));
  Value answer = Value::EmptyObject();
  answer.Set("id", std::move(id));
  answer.Set("namespace", Value(dataset.id.name_space));
  answer.Set("name", Value(dataset.id.name));
  answer.Set("version", Value(version.version));
  answer.Set("createdAt", Time(version.first_us));
  Value run;
  if (!version.run.empty()) {
    run.Set("id", Value(version.run));
  }
  answer.Set("createdByRun", std::move(run));
  return answer;
}

absl::StatusOr<Value> GraphAnswer(engine::OpenLineageStore& store, const engine::LineageGraph& graph) {
  std::map<LineageNodeId, Value::Array> in, out;
  for (const auto& [from, to] : graph.edges) {
    Value edge = Value::EmptyObject();
    edge.Set("origin", Value(NodeText(from)));
    edge.Set("destination", Value(NodeText(to)));
    out[from].push_back(edge);
    in[to].push_back(std::move(edge));
  }
  Value::Array nodes;
  for (const LineageNode& node : graph.nodes) {
    Value one = Value::EmptyObject();
    one.Set("id", Value(NodeText(node.id)));
    one.Set("type", Value(std::string(TypeOf(node.id.kind))));
    Value data = FieldAnswer(node);
    if (node.id.kind == LineageNodeId::Kind::kDataset) {
      LINEAL_ASSIGN_OR_RETURN(data, DatasetAnswer(store, node));
    } else if (node.id.kind == LineageNodeId::Kind::kJob) {
      LINEAL_ASSIGN_OR_RETURN(data, JobAnswer(store, node));
    }
    one.Set("data", std::move(data));
    one.Set("inEdges", Value(std::move(in[node.id])));
    one.Set("outEdges", Value(std::move(out[node.id])));
    nodes.push_back(std::move(one));
  }
  Value answer = Value::EmptyObject();
  answer.Set("graph", Value(std::move(nodes)));
  answer.Set("truncated", Value(graph.truncated));
  return answer;
}

}  // namespace lineal::server::openlineage
