// Nodes, links and graphs as they are asked for.
#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "base/status.h"
#include "engine/lineage/open_lineage_keys.h"
#include "engine/lineage/open_lineage_store.h"
#include "engine/lineage/record_members.h"
#include "engine/payload/codec.h"
#include "engine/payload/json.h"

namespace lineal::engine {
namespace {

using Kind = LineageNodeId::Kind;
using Link = LineageLinkKind;

constexpr uint64_t kLinksMax = 10'000;  // of one node, in a graph

// As they are shown: without those that were deleted.
absl::StatusOr<Value> FacetsOf(const Value& record) {
  Value shown = Value::EmptyObject();
  const Value* facets = record.Find("facets");
  if (facets == nullptr || !facets->is_object()) return shown;
  for (const auto& [name, facet] : facets->object()) {
    if (facet.Find("v") != nullptr) {
      LINEAL_ASSIGN_OR_RETURN(Value value, ParseJson(TextMember(facet, "v"), kOpenLineageDepthMax));
      shown.Set(name, std::move(value));
    } else if (facet.Find("bytes") != nullptr) {
      Value elsewhere = Value::EmptyObject();
      elsewhere.Set("_event", Value(TextMember(facet, "d")));
      elsewhere.Set("_bytes", Value(NumberMember(facet, "bytes")));
      shown.Set(name, std::move(elsewhere));
    }
  }
  return shown;
}

absl::StatusOr<LineageNode> NodeOf(const LineageNodeId& id, std::string_view bytes) {
  LINEAL_ASSIGN_OR_RETURN(const Value record, DecodePayload(bytes));
  LineageNode node{.id = id, .first_us = NumberMember(record, "first"), .last_us = NumberMember(record, "last")};
  LINEAL_ASSIGN_OR_RETURN(node.facets, FacetsOf(record));
  node.latest_run = TextMember(record, "run");
  return node;
}

std::string Described(const LineageNodeId& id) {
  switch (id.kind) {
    case Kind::kDataset:
      return StrCat("dataset ", id.name, " in namespace ", id.name_space);
    case Kind::kField:
      return StrCat("field ", id.field, " of dataset ", id.name, " in namespace ", id.name_space);
    case Kind::kJob:
      return StrCat("job ", id.name, " in namespace ", id.name_space);
    case Kind::kRun:
      return StrCat("run ", id.name);
  }
  return "";
}

// The links that a graph goes on along, and which way data flows.
enum class Flow { kHere, kAway, kAside };
using Way = std::pair<Link, Flow>;
std::vector<Way> WaysFrom(Kind kind) {
  switch (kind) {
    case Kind::kDataset:
      return {{Link::kReadBy, Flow::kAway},
              {Link::kWrittenBy, Flow::kHere},
              {Link::kFrom, Flow::kHere},
              {Link::kInto, Flow::kAway},
              {Link::kSameAs, Flow::kAside}};
    case Kind::kField:
      return {{Link::kFrom, Flow::kHere}, {Link::kInto, Flow::kAway}};
    case Kind::kJob:
      return {{Link::kReads, Flow::kHere}, {Link::kWrites, Flow::kAway}};
    case Kind::kRun:
      return {{Link::kOfJob, Flow::kAside}};
  }
  return {};
}

}  // namespace

absl::StatusOr<std::vector<LineageNamespace>> LocalOpenLineage::Namespaces() {
  const std::string prefix = OpenLineagePrefix("namespace");
  std::vector<LineageNamespace> all;
  absl::Status problem;
  LINEAL_RETURN_IF_ERROR(meta_->List(prefix, [&](std::string_view key, std::string_view bytes) {
    const absl::StatusOr<Value> record = DecodePayload(bytes);
    if (!record.ok()) {
      problem = record.status();
      return;
    }
    all.push_back({.name = std::string(key.substr(prefix.size())),
                   .first_us = NumberMember(*record, "first"),
                   .last_us = NumberMember(*record, "last")});
  }));
  LINEAL_RETURN_IF_ERROR(problem);
  return all;
}

absl::StatusOr<std::vector<LineageNode>> LocalOpenLineage::Nodes(Kind kind, const std::string& name_space,
                                                                 uint64_t limit, uint64_t offset) {
  const std::string all = OpenLineagePrefix("node");
  std::vector<LineageNode> nodes;
  absl::Status problem;
  LINEAL_RETURN_IF_ERROR(
      meta_->Scan(all + NodesKey(kind, name_space), [&](std::string_view key, std::string_view bytes) {
        if (limit == 0) return false;
        if (offset > 0) {
          --offset;
          return true;
        }
        key.remove_prefix(all.size());
        const auto id = TakeNodeKey(&key);
        auto node = id.ok() ? NodeOf(*id, bytes) : id.status();
        problem = node.status();
        if (!node.ok()) return false;
        nodes.push_back(*std::move(node));
        return nodes.size() < limit;
      }));
  LINEAL_RETURN_IF_ERROR(problem);
  return nodes;
}

absl::StatusOr<LineageNode> LocalOpenLineage::Find(const LineageNodeId& id) {
  LINEAL_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, meta_->Get(OpenLineagePrefix("node") + NodeKey(id)));
  if (!bytes) return NotFound("No ", Described(id), " found");
  return NodeOf(id, *bytes);
}

absl::StatusOr<std::vector<LineageLink>> LocalOpenLineage::Links(const LineageNodeId& id, Link kind, uint64_t limit) {
  const std::string prefix = OpenLineagePrefix("link") + LinkKey(NodeKey(id), kind);
  std::vector<LineageLink> links;
  absl::Status problem;
  LINEAL_RETURN_IF_ERROR(meta_->Scan(prefix, [&](std::string_view key, std::string_view bytes) {
    if (limit == 0) return false;
    LineageLink link{.kind = kind};
    key.remove_prefix(prefix.size());
    const auto read = [&]() -> absl::Status {
      LINEAL_ASSIGN_OR_RETURN(link.other, TakeNodeKey(&key));
      LINEAL_ASSIGN_OR_RETURN(const Value record, DecodePayload(bytes));
      link.last_us = NumberMember(record, "last");
      LINEAL_ASSIGN_OR_RETURN(link.facets, FacetsOf(record));
      return absl::OkStatus();
    };
    problem = read();
    if (!problem.ok()) return false;
    links.push_back(std::move(link));
    return links.size() < limit;
  }));
  LINEAL_RETURN_IF_ERROR(problem);
  return links;
}

absl::StatusOr<LineageRun> LocalOpenLineage::FindRun(const std::string& run) {
  const LineageNodeId id{Kind::kRun, "", run};
  LineageRun out;
  LINEAL_ASSIGN_OR_RETURN(out.node, Find(id));
  for (const Link kind : {Link::kOfJob, Link::kReads, Link::kWrites, Link::kParent}) {
    LINEAL_ASSIGN_OR_RETURN(std::vector<LineageLink> links, Links(id, kind, kLinksMax));
    std::ranges::move(links, std::back_inserter(out.links));
  }
  std::optional<std::tuple<int64_t, LineageNodeId>> first;
  for (const LineageLink& link : out.links) {
    if (link.kind != Link::kOfJob) continue;
    LINEAL_ASSIGN_OR_RETURN(
        const std::optional<std::string> bytes,
        meta_->Get(OpenLineagePrefix("link") + LinkKey(NodeKey(id), Link::kOfJob, NodeKey(link.other))));
    if (!bytes) continue;
    LINEAL_ASSIGN_OR_RETURN(const Value record, DecodePayload(*bytes));
    const std::tuple mine(NumberMember(record, "first"), link.other);
    if (first && *first <= mine) continue;
    first = mine;
    out.job = link.other;
    out.state = static_cast<LineageRunState>(NumberMember(record, "state"));
    out.started_us = NumberMember(record, "started");
    out.ended_us = NumberMember(record, "rank") == 2 ? NumberMember(record, "state_us") : 0;
  }
  return out;
}

absl::StatusOr<std::vector<LineageRun>> LocalOpenLineage::RunsOf(const LineageNodeId& job, uint64_t limit) {
  LINEAL_RETURN_IF_ERROR(Find(job).status());
  const std::string prefix = OpenLineagePrefix("link") + LinkKey(NodeKey(job), Link::kHasRun);
  std::vector<std::pair<int64_t, std::string>> newest;
  absl::Status problem;
  LINEAL_RETURN_IF_ERROR(meta_->List(prefix, [&](std::string_view key, std::string_view bytes) {
    key.remove_prefix(prefix.size());
    const auto run = TakeNodeKey(&key);
    const auto record = DecodePayload(bytes);
    problem.Update(run.status());
    problem.Update(record.status());
    if (run.ok() && record.ok()) newest.emplace_back(NumberMember(*record, "last"), run->name);
  }));
  LINEAL_RETURN_IF_ERROR(problem);
  std::ranges::sort(newest, std::greater());
  if (newest.size() > limit) newest.resize(limit);
  std::vector<LineageRun> runs;
  for (const auto& [last_us, name] : newest) {
    LINEAL_ASSIGN_OR_RETURN(LineageRun run, FindRun(name));
    runs.push_back(std::move(run));
  }
  return runs;
}

absl::StatusOr<std::vector<LineageDatasetVersion>> LocalOpenLineage::VersionsOf(const LineageNodeId& dataset,
                                                                                uint64_t limit) {
  LINEAL_RETURN_IF_ERROR(Find(dataset).status());
  const std::string prefix = OpenLineagePrefix("version") + NodeKey(dataset);
  std::vector<LineageDatasetVersion> versions;
  absl::Status problem;
  LINEAL_RETURN_IF_ERROR(meta_->List(prefix, [&](std::string_view key, std::string_view bytes) {
    const auto record = DecodePayload(bytes);
    problem.Update(record.status());
    if (!record.ok()) return;
    versions.push_back({.version = std::string(key.substr(prefix.size())),
                        .first_us = NumberMember(*record, "first"),
                        .run = TextMember(*record, "run")});
  }));
  LINEAL_RETURN_IF_ERROR(problem);
  std::ranges::stable_sort(versions, std::greater(), &LineageDatasetVersion::first_us);
  if (versions.size() > limit) versions.resize(limit);
  return versions;
}

absl::StatusOr<LineageGraph> LocalOpenLineage::Graph(const LineageQuery& query) {
  LINEAL_RETURN_IF_ERROR(Find(query.start).status());
  LineageGraph graph;
  std::map<LineageNodeId, uint32_t> depths = {{query.start, 0}};
  std::deque<LineageNodeId> next = {query.start};
  std::set<std::pair<LineageNodeId, LineageNodeId>> edges;
  while (!next.empty()) {
    const LineageNodeId id = std::move(next.front());
    next.pop_front();
    // A run is a place to start from, and no part of the graph.
    if (id.kind != Kind::kRun) {
      LINEAL_ASSIGN_OR_RETURN(LineageNode node, Find(id));
      graph.nodes.push_back(std::move(node));
    }
    const uint32_t depth = depths[id];
    for (const auto& [kind, flow] : WaysFrom(id.kind)) {
      LINEAL_ASSIGN_OR_RETURN(const std::vector<LineageLink> links, Links(id, kind, kLinksMax));
      graph.truncated |= links.size() == kLinksMax;
      for (const LineageLink& link : links) {
        const uint32_t other_depth = id.kind == Kind::kRun ? 0 : depth + 1;
        const bool known = depths.contains(link.other);
        if (!known && (other_depth > query.depth || depths.size() >= query.nodes_max)) {
          graph.truncated = true;
          continue;
        }
        if (!known) {
          depths[link.other] = other_depth;
          next.push_back(link.other);
        }
        if (flow == Flow::kHere) edges.emplace(link.other, id);
        if (flow == Flow::kAway) edges.emplace(id, link.other);
      }
    }
  }
  graph.edges.assign(edges.begin(), edges.end());
  return graph;
}

}  // namespace lineal::engine
