#include "server/openlineage/lineage_endpoints.h"

#include <charconv>

#include "base/status.h"
#include "engine/payload/json.h"
#include "server/openlineage/marquez_answers.h"
#include "server/openlineage/node_text.h"

namespace lineal::server::openlineage {
namespace {

using engine::LineageNodeId;
using engine::OpenLineageStore;
using engine::Value;
using Kind = LineageNodeId::Kind;

constexpr uint64_t kListed = 100, kListedMax = 10'000;
constexpr uint64_t kEventsMax = 1'000;
constexpr uint64_t kEventBytesMax = 16 << 20;  // of a page of events
constexpr uint64_t kDepth = 20, kDepthMax = 1'000;
constexpr uint64_t kNodes = 1'000, kNodesMax = 10'000;

std::string Wrapped(std::string_view name, Value::Array list) {
  Value answer = Value::EmptyObject();
  answer.Set("totalCount", Value(static_cast<int64_t>(list.size())));
  answer.Set(name, Value(std::move(list)));
  return engine::ToJson(answer);
}

absl::StatusOr<LineageNodeId> IdOf(const Query& query, Kind kind) {
  LineageNodeId id{kind, query.path[0], query.path[1]};
  if (id.name_space.empty() || id.name.empty()) return InvalidArgument("a namespace and a name are not empty");
  return id;
}

absl::StatusOr<std::vector<engine::LineageNode>> Listed(OpenLineageStore& store, const Query& query, Kind kind) {
  if (query.path[0].empty()) return InvalidArgument("a namespace is not empty");
  LINEAL_ASSIGN_OR_RETURN(const uint64_t limit, query.Number("limit", kListed, 1, kListedMax));
  LINEAL_ASSIGN_OR_RETURN(const uint64_t offset, query.Number("offset", 0, 0, UINT64_MAX));
  return store.Nodes(kind, query.path[0], limit, offset);
}

}  // namespace

std::string Query::Text(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return "";
}

absl::StatusOr<uint64_t> Query::Number(std::string_view name, uint64_t otherwise, uint64_t least,
                                       uint64_t greatest) const {
  const std::string text = Text(name);
  if (text.empty()) return otherwise;
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least || number > greatest) {
    return InvalidArgument(name, ": `", text.substr(0, 64), "` is not a number from ", least, " to ", greatest);
  }
  return number;
}

absl::StatusOr<std::string> Graph(OpenLineageStore& store, const Query& query) {
  const std::string text = query.Text("nodeId");
  if (text.empty()) return InvalidArgument("nodeId is missing: dataset:NAMESPACE:NAME or job:NAMESPACE:NAME");
  engine::LineageQuery wanted;
  LINEAL_ASSIGN_OR_RETURN(const uint64_t depth, query.Number("depth", kDepth, 0, kDepthMax));
  LINEAL_ASSIGN_OR_RETURN(const uint64_t nodes, query.Number("limit", kNodes, 1, kNodesMax));
  wanted.depth = static_cast<uint32_t>(depth);
  wanted.nodes_max = static_cast<uint32_t>(nodes);
  LINEAL_ASSIGN_OR_RETURN(wanted.start, FindNode(store, text));
  LINEAL_ASSIGN_OR_RETURN(const engine::LineageGraph graph, store.Graph(wanted));
  LINEAL_ASSIGN_OR_RETURN(const Value answer, GraphAnswer(store, graph));
  return engine::ToJson(answer);
}

absl::StatusOr<std::string> Events(OpenLineageStore& store, const Query& query) {
  LINEAL_ASSIGN_OR_RETURN(const uint64_t limit, query.Number("limit", kListed, 1, kEventsMax));
  LINEAL_ASSIGN_OR_RETURN(const uint64_t offset, query.Number("offset", 0, 0, UINT64_MAX));
  LINEAL_ASSIGN_OR_RETURN(const auto infos, store.Events(limit, offset));
  // Whole events, so that a page that would be too large ends early.
  std::string answer = "{\"events\":[";
  uint64_t count = 0;
  for (const engine::LineageEventInfo& info : infos) {
    if (count > 0 && answer.size() + info.bytes > kEventBytesMax) break;
    const auto event = store.Event(info.id);
    if (!event.ok() && event.status().code() == absl::StatusCode::kNotFound) continue;
    LINEAL_RETURN_IF_ERROR(event.status());
    StrAppend(&answer, count++ > 0 ? "," : "", *event);
  }
  StrAppend(&answer, "],\"totalCount\":", count, "}");
  return answer;
}

absl::StatusOr<std::string> Namespaces(OpenLineageStore& store, const Query&) {
  LINEAL_ASSIGN_OR_RETURN(const auto all, store.Namespaces());
  Value::Array list;
  for (const engine::LineageNamespace& one : all) list.push_back(AnswerOf(one));
  return Wrapped("namespaces", std::move(list));
}

absl::StatusOr<std::string> Datasets(OpenLineageStore& store, const Query& query) {
  LINEAL_ASSIGN_OR_RETURN(const auto nodes, Listed(store, query, Kind::kDataset));
  Value::Array list;
  for (const engine::LineageNode& node : nodes) {
    LINEAL_ASSIGN_OR_RETURN(Value one, DatasetAnswer(store, node));
    list.push_back(std::move(one));
  }
  return Wrapped("datasets", std::move(list));
}

absl::StatusOr<std::string> Dataset(OpenLineageStore& store, const Query& query) {
  LINEAL_ASSIGN_OR_RETURN(const LineageNodeId id, IdOf(query, Kind::kDataset));
  LINEAL_ASSIGN_OR_RETURN(const engine::LineageNode node, store.Find(id));
  LINEAL_ASSIGN_OR_RETURN(const Value answer, DatasetAnswer(store, node));
  return engine::ToJson(answer);
}

absl::StatusOr<std::string> Versions(OpenLineageStore& store, const Query& query) {
  LINEAL_ASSIGN_OR_RETURN(const LineageNodeId id, IdOf(query, Kind::kDataset));
  LINEAL_ASSIGN_OR_RETURN(const uint64_t limit, query.Number("limit", kListed, 1, kListedMax));
  LINEAL_ASSIGN_OR_RETURN(const engine::LineageNode node, store.Find(id));
  LINEAL_ASSIGN_OR_RETURN(const auto versions, store.VersionsOf(id, limit));
  Value::Array list;
  for (const engine::LineageDatasetVersion& version : versions) list.push_back(VersionAnswer(node, version));
  return Wrapped("versions", std::move(list));
}

absl::StatusOr<std::string> Jobs(OpenLineageStore& store, const Query& query) {
  LINEAL_ASSIGN_OR_RETURN(const auto nodes, Listed(store, query, Kind::kJob));
  Value::Array list;
  for (const engine::LineageNode& node : nodes) {
    LINEAL_ASSIGN_OR_RETURN(Value one, JobAnswer(store, node));
    list.push_back(std::move(one));
  }
  return Wrapped("jobs", std::move(list));
}

absl::StatusOr<std::string> Job(OpenLineageStore& store, const Query& query) {
  LINEAL_ASSIGN_OR_RETURN(const LineageNodeId id, IdOf(query, Kind::kJob));
  LINEAL_ASSIGN_OR_RETURN(const engine::LineageNode node, store.Find(id));
  LINEAL_ASSIGN_OR_RETURN(const Value answer, JobAnswer(store, node));
  return engine::ToJson(answer);
}

absl::StatusOr<std::string> Runs(OpenLineageStore& store, const Query& query) {
  LINEAL_ASSIGN_OR_RETURN(const LineageNodeId id, IdOf(query, Kind::kJob));
  LINEAL_ASSIGN_OR_RETURN(const uint64_t limit, query.Number("limit", kListed, 1, kListedMax));
  LINEAL_ASSIGN_OR_RETURN(const auto runs, store.RunsOf(id, limit));
  Value::Array list;
  for (const engine::LineageRun& run : runs) list.push_back(RunAnswer(run));
  return Wrapped("runs", std::move(list));
}

absl::StatusOr<std::string> Run(OpenLineageStore& store, const Query& query) {
  LINEAL_ASSIGN_OR_RETURN(const engine::LineageRun run, store.FindRun(query.path[0]));
  return engine::ToJson(RunAnswer(run));
}

}  // namespace lineal::server::openlineage
