#include "engine/lineage/open_lineage_graph.h"

#include <algorithm>
#include <tuple>

#include "base/status.h"
#include "engine/lineage/record_members.h"
#include "engine/payload/codec.h"
#include "engine/payload/json.h"

namespace lineal::engine {
namespace {

// Our own facet of a run that an ingest session is part of.
constexpr std::string_view kSessionFacet = "lineal_session";

// An end beats what goes on; the later one wins, and at the same time the worse one.
std::tuple<int64_t, int64_t, int64_t> StateOf(const LineageEvent& event) {
  const std::string& type = event.type;
  if (type == "FAIL") return {2, event.time_us, static_cast<int64_t>(LineageRunState::kFailed)};
  if (type == "ABORT") return {2, event.time_us, static_cast<int64_t>(LineageRunState::kAborted)};
  if (type == "COMPLETE") return {2, event.time_us, static_cast<int64_t>(LineageRunState::kComplete)};
  if (type == "START" || type == "RUNNING") return {1, event.time_us, static_cast<int64_t>(LineageRunState::kRunning)};
  return {0, 0, 0};
}

void KeepState(Value* record, const LineageEvent& event) {
  const auto mine = StateOf(event);
  if (mine <=
      std::tuple(NumberMember(*record, "rank"), NumberMember(*record, "state_us"), NumberMember(*record, "state")))
    return;
  record->Set("rank", Value(std::get<0>(mine)));
  record->Set("state_us", Value(std::get<1>(mine)));
  record->Set("state", Value(std::get<2>(mine)));
}

// The newest of each facet; at the same time the event with the greater digest.
void KeepFacet(Value* facets, const std::string& name, const Value& facet, const LineageEvent& event) {
  if (const Value* had = facets->Find(name)) {
    if (std::tuple(NumberMember(*had, "t"), TextMember(*had, "d")) >= std::tuple(event.time_us, event.id)) return;
  }
  Value kept = Value::EmptyObject();
  kept.Set("t", Value(event.time_us));
  kept.Set("d", Value(event.id));
  if (!FlagMember(facet, "_deleted")) {
    std::string text = ToJson(facet);
    if (text.size() <= kFacetBytesMax) {
      kept.Set("v", Value(std::move(text)));
    } else {
      kept.Set("bytes", Value(static_cast<int64_t>(text.size())));
    }
  }
  facets->Set(name, std::move(kept));
}

void KeepFacets(Value* record, const Value& facets, const LineageEvent& event) {
  if (facets.object().empty()) return;
  const Value* had = record->Find("facets");
  Value all = had == nullptr ? Value::EmptyObject() : *had;
  for (const auto& [name, facet] : facets.object()) {
    if (facet.is_object()) KeepFacet(&all, name, facet, event);
  }
  while (all.object().size() > kNodeFacetsMax) {
    const auto oldest = std::ranges::min_element(all.object(), {}, [](const Value::Member& facet) {
      return std::tuple(NumberMember(facet.second, "t"), facet.first);
    });
    all.object().erase(oldest);
  }
  if (!all.object().empty()) record->Set("facets", std::move(all));
}

bool IsName(const Value* text) {
  return text != nullptr && text->is_string() && !text->string().empty() && text->string().size() <= kLineageNameMax &&
         text->string().find('\0') == std::string::npos;
}

// {"namespace", "name"}
std::optional<LineageNodeId> NamedNode(const Value& value, LineageNodeId::Kind kind) {
  const Value *name_space = value.Find("namespace"), *name = value.Find("name");
  if (!IsName(name_space) || !IsName(name)) return std::nullopt;
  return LineageNodeId{kind, name_space->string(), name->string()};
}

LineageNodeId FieldOf(const LineageNodeId& dataset, const std::string& field) {
  return {LineageNodeId::Kind::kField, dataset.name_space, dataset.name, field};
}

}  // namespace

void KeepLeast(Value* record, std::string_view field, int64_t value) {
  if (record->Find(field) == nullptr || NumberMember(*record, field) > value) record->Set(field, Value(value));
}
void KeepGreatest(Value* record, std::string_view field, int64_t value) {
  if (record->Find(field) == nullptr || NumberMember(*record, field) < value) record->Set(field, Value(value));
}

void LineageGraphBatch::Problem(std::string_view facet, const LineageNodeId& of) {
  problems_.push_back(StrCat("facet `", facet, "` of ", of.name.substr(0, 256), " has another shape than is known"));
}

absl::StatusOr<Value*> LineageGraphBatch::Record(const std::string& key) {
  const auto found = records_.find(key);
  if (found != records_.end()) return &found->second;
  LINEAL_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, meta_->Get(key));
  Value record = Value::EmptyObject();
  if (bytes) {
    LINEAL_ASSIGN_OR_RETURN(record, DecodePayload(*bytes));
  }
  return &records_.emplace(key, std::move(record)).first->second;
}

absl::Status LineageGraphBatch::Touch(const LineageNodeId& id) {
  LINEAL_ASSIGN_OR_RETURN(Value * record, Record(OpenLineagePrefix("node") + NodeKey(id)));
  KeepLeast(record, "first", event_->time_us);
  KeepGreatest(record, "last", event_->time_us);
  if (id.kind == Kind::kRun) return absl::OkStatus();
  LINEAL_ASSIGN_OR_RETURN(Value * space, Record(OpenLineagePrefix("namespace") + id.name_space));
  KeepLeast(space, "first", event_->time_us);
  KeepGreatest(space, "last", event_->time_us);
  return absl::OkStatus();
}

absl::Status LineageGraphBatch::TouchEntity(const LineageEventEntity& entity) {
  LINEAL_RETURN_IF_ERROR(Touch(entity.id));
  for (const Value* facets : {&entity.facets, &entity.side_facets}) {
    for (const auto& [name, facet] : facets->object()) {
      if (!facet.is_object() && !facet.is_null()) Problem(name, entity.id);
    }
  }
  LINEAL_ASSIGN_OR_RETURN(Value * record, Record(OpenLineagePrefix("node") + NodeKey(entity.id)));
  KeepFacets(record, entity.facets, *event_);
  return absl::OkStatus();
}

absl::Status LineageGraphBatch::Point(const LineageNodeId& from, Link link, const LineageNodeId& to, int64_t time_us,
                                      const Value* facets) {
  LINEAL_ASSIGN_OR_RETURN(Value * record,
                          Record(OpenLineagePrefix("link") + LinkKey(NodeKey(from), link, NodeKey(to))));
  KeepGreatest(record, "last", time_us);
  if (facets != nullptr) KeepFacets(record, *facets, *event_);
  return absl::OkStatus();
}

absl::Status LineageGraphBatch::Connect(const LineageNodeId& from, Link link, const LineageNodeId& to, Link back,
                                        int64_t time_us, const Value* facets) {
  LINEAL_RETURN_IF_ERROR(Point(from, link, to, time_us, facets));
  return Point(to, back, from, time_us);
}

absl::Status LineageGraphBatch::TouchRun() {
  const LineageEventEntity &run = *event_->run, &job = *event_->job;
  runs_.insert(run.id.name);
  LINEAL_RETURN_IF_ERROR(TouchEntity(run));
  LINEAL_RETURN_IF_ERROR(Connect(run.id, Link::kOfJob, job.id, Link::kHasRun, event_->time_us));
  LINEAL_ASSIGN_OR_RETURN(Value * of_job,
                          Record(OpenLineagePrefix("link") + LinkKey(NodeKey(run.id), Link::kOfJob, NodeKey(job.id))));
  KeepLeast(of_job, "first", event_->time_us);
  if (event_->type == "START") KeepLeast(of_job, "started", event_->time_us);
  KeepState(of_job, *event_);
  LINEAL_ASSIGN_OR_RETURN(Value * job_record, Record(OpenLineagePrefix("node") + NodeKey(job.id)));
  if (std::tuple(event_->time_us, run.id.name) >
      std::tuple(NumberMember(*job_record, "run_us"), TextMember(*job_record, "run"))) {
    job_record->Set("run_us", Value(event_->time_us));
    job_record->Set("run", Value(run.id.name));
  }
  const Value* session = run.facets.Find(kSessionFacet);
  if (session != nullptr && session->is_object()) {
    LINEAL_ASSIGN_OR_RETURN(Value * record, Record(OpenLineagePrefix("node") + NodeKey(run.id)));
    record->Set("session", Value(true));
  }
  const Value* parent = run.facets.Find("parent");
  return parent == nullptr || parent->is_null() ? absl::OkStatus() : AddParent(*parent);
}

absl::Status LineageGraphBatch::AddParent(const Value& facet) {
  const Value *run = facet.Find("run"), *job = facet.Find("job");
  const Value* run_id = run == nullptr ? nullptr : run->Find("runId");
  const auto parent_job = job == nullptr ? std::nullopt : NamedNode(*job, Kind::kJob);
  if (!IsName(run_id) || !parent_job) {
    Problem("parent", event_->run->id);
    return absl::OkStatus();
  }
  const LineageNodeId parent{Kind::kRun, "", run_id->string()};
  runs_.insert(parent.name);
  LINEAL_RETURN_IF_ERROR(Touch(parent));
  LINEAL_RETURN_IF_ERROR(Touch(*parent_job));
  LINEAL_RETURN_IF_ERROR(Connect(parent, Link::kOfJob, *parent_job, Link::kHasRun, event_->time_us));
  LINEAL_ASSIGN_OR_RETURN(
      Value * of_job, Record(OpenLineagePrefix("link") + LinkKey(NodeKey(parent), Link::kOfJob, NodeKey(*parent_job))));
  KeepLeast(of_job, "first", event_->time_us);
  if (parent.name == event_->run->id.name) return absl::OkStatus();
  LINEAL_RETURN_IF_ERROR(Connect(event_->run->id, Link::kParent, parent, Link::kChild, event_->time_us));
  if (*parent_job == event_->job->id) return absl::OkStatus();
  return Connect(event_->job->id, Link::kParent, *parent_job, Link::kChild, event_->time_us);
}

absl::Status LineageGraphBatch::AddDatasets(const std::vector<LineageEventEntity>& datasets, Link link, Link back) {
  for (const LineageEventEntity& dataset : datasets) {
    LINEAL_RETURN_IF_ERROR(TouchEntity(dataset));
    LINEAL_RETURN_IF_ERROR(Connect(event_->job->id, link, dataset.id, back, event_->time_us));
    if (event_->run) {
      LINEAL_RETURN_IF_ERROR(Point(event_->run->id, link, dataset.id, event_->time_us, &dataset.side_facets));
    }
    LINEAL_RETURN_IF_ERROR(AddDatasetFacets(dataset, link == Link::kWrites));
  }
  return absl::OkStatus();
}

absl::Status LineageGraphBatch::AddDatasetFacets(const LineageEventEntity& dataset, bool written) {
  LINEAL_RETURN_IF_ERROR(AddVersion(dataset, written));
  if (const Value* facet = dataset.facets.Find("symlinks"); facet != nullptr && facet->is_object()) {
    LINEAL_RETURN_IF_ERROR(AddSymlinks(dataset.id, *facet));
  }
  if (const Value* facet = dataset.facets.Find("columnLineage"); facet != nullptr && facet->is_object()) {
    LINEAL_RETURN_IF_ERROR(AddColumns(dataset.id, *facet));
  }
  if (const Value* facet = dataset.facets.Find("lineage"); facet != nullptr && facet->is_object()) {
    LINEAL_RETURN_IF_ERROR(AddFlows(dataset.id, *facet));
  }
  return absl::OkStatus();
}

absl::Status LineageGraphBatch::AddVersion(const LineageEventEntity& dataset, bool written) {
  const Value* facet = dataset.facets.Find("version");
  if (facet == nullptr || !facet->is_object() || FlagMember(*facet, "_deleted")) return absl::OkStatus();
  const Value* version = facet->Find("datasetVersion");
  if (!IsName(version)) {
    Problem("version", dataset.id);
    return absl::OkStatus();
  }
  LINEAL_ASSIGN_OR_RETURN(Value * record,
                          Record(OpenLineagePrefix("version") + NodeKey(dataset.id) + version->string()));
  KeepLeast(record, "first", event_->time_us);
  if (!written || !event_->run) return absl::OkStatus();
  const std::string& run = event_->run->id.name;
  if (record->Find("run") == nullptr ||
      std::tuple(event_->time_us, run) < std::tuple(NumberMember(*record, "written"), TextMember(*record, "run"))) {
    record->Set("run", Value(run));
    record->Set("written", Value(event_->time_us));
  }
  return absl::OkStatus();
}

absl::Status LineageGraphBatch::AddSymlinks(const LineageNodeId& dataset, const Value& facet) {
  const Value* identifiers = facet.Find("identifiers");
  if (identifiers == nullptr || !identifiers->is_array()) {
    if (!FlagMember(facet, "_deleted")) Problem("symlinks", dataset);
    return absl::OkStatus();
  }
  for (const Value& one : identifiers->array()) {
    const auto other = NamedNode(one, Kind::kDataset);
    if (!other) {
      Problem("symlinks", dataset);
      continue;
    }
    if (*other == dataset) continue;
    LINEAL_RETURN_IF_ERROR(Touch(*other));
    LINEAL_RETURN_IF_ERROR(Connect(dataset, Link::kSameAs, *other, Link::kSameAs, event_->time_us));
  }
  return absl::OkStatus();
}

absl::Status LineageGraphBatch::AddColumns(const LineageNodeId& dataset, const Value& facet) {
  const auto add = [&](const LineageNodeId& target, const Value* inputs) -> absl::Status {
    if (inputs == nullptr || !inputs->is_array()) {
      Problem("columnLineage", dataset);
      return absl::OkStatus();
    }
    for (const Value& input : inputs->array()) LINEAL_RETURN_IF_ERROR(AddFlow(target, input));
    return absl::OkStatus();
  };
  const Value* fields = facet.Find("fields");
  if (fields != nullptr && fields->is_object()) {
    for (const auto& [name, field] : fields->object()) {
      const Value text(name);
      if (!IsName(&text)) {
        Problem("columnLineage", dataset);
        continue;
      }
      LINEAL_RETURN_IF_ERROR(add(FieldOf(dataset, name), field.Find("inputFields")));
    }
  } else if (!FlagMember(facet, "_deleted")) {
    Problem("columnLineage", dataset);
  }
  const Value* whole = facet.Find("dataset");
  return whole == nullptr || whole->is_null() ? absl::OkStatus() : add(dataset, whole);
}

absl::Status LineageGraphBatch::AddFlows(const LineageNodeId& target, const Value& entry) {
  if (const Value* inputs = entry.Find("inputs"); inputs != nullptr && inputs->is_array()) {
    for (const Value& input : inputs->array()) LINEAL_RETURN_IF_ERROR(AddFlow(target, input));
  }
  const Value* fields = entry.Find("fields");
  if (fields == nullptr || !fields->is_object() || target.kind != Kind::kDataset) return absl::OkStatus();
  for (const auto& [name, field] : fields->object()) {
    const Value text(name);
    const Value* inputs = field.Find("inputs");
    if (!IsName(&text) || inputs == nullptr || !inputs->is_array()) {
      Problem("lineage", target);
      continue;
    }
    for (const Value& input : inputs->array()) LINEAL_RETURN_IF_ERROR(AddFlow(FieldOf(target, name), input));
  }
  return absl::OkStatus();
}

absl::Status LineageGraphBatch::AddFlow(const LineageNodeId& target, const Value& input) {
  const bool from_job = TextMember(input, "type") == "JOB";
  auto source = NamedNode(input, from_job ? Kind::kJob : Kind::kDataset);
  if (!source || *source == target) {
    if (!source) Problem(target.kind == Kind::kField ? "columnLineage" : "lineage", target);
    return absl::OkStatus();
  }
  LINEAL_RETURN_IF_ERROR(Touch(*source));
  LINEAL_RETURN_IF_ERROR(Touch(target));
  if (target.kind == Kind::kJob) {
    return from_job ? absl::OkStatus() : Connect(target, Link::kReads, *source, Link::kReadBy, event_->time_us);
  }
  if (from_job) {
    const LineageNodeId dataset{Kind::kDataset, target.name_space, target.name};
    return Connect(*source, Link::kWrites, dataset, Link::kWrittenBy, event_->time_us);
  }
  const Value* field = input.Find("field");
  if (target.kind != Kind::kField || !IsName(field)) {
    if (target.kind == Kind::kField) return absl::OkStatus();
    return Connect(target, Link::kFrom, *source, Link::kInto, event_->time_us);
  }
  const LineageNodeId column = FieldOf(*source, field->string());
  if (column == target) return absl::OkStatus();
  LINEAL_RETURN_IF_ERROR(Touch(column));
  Value how = Value::EmptyObject();
  if (const Value* transformations = input.Find("transformations")) {
    Value wrapped = Value::EmptyObject();
    wrapped.Set("list", *transformations);
    how.Set("transformations", std::move(wrapped));
  }
  return Connect(target, Link::kFrom, column, Link::kInto, event_->time_us, &how);
}

absl::Status LineageGraphBatch::LinksOf(const std::string& link_key,
                                        std::vector<std::pair<std::string, int64_t>>* others) {
  const std::string prefix = OpenLineagePrefix("link") + link_key;
  std::map<std::string, int64_t> found;
  absl::Status problem;
  LINEAL_RETURN_IF_ERROR(meta_->List(prefix, [&](std::string_view key, std::string_view bytes) {
    const absl::StatusOr<Value> record = DecodePayload(bytes);
    if (!record.ok()) problem = record.status();
    if (record.ok()) found[std::string(key.substr(prefix.size()))] = NumberMember(*record, "last");
  }));
  for (auto at = records_.lower_bound(prefix); at != records_.end() && at->first.starts_with(prefix); ++at) {
    found[at->first.substr(prefix.size())] = NumberMember(at->second, "last");
  }
  others->assign(found.begin(), found.end());
  return problem;
}

absl::Status LineageGraphBatch::JoinJobsOf(const std::string& run) {
  const std::string run_key = NodeKey({Kind::kRun, "", run});
  LINEAL_ASSIGN_OR_RETURN(Value * record, Record(OpenLineagePrefix("node") + run_key));
  if (!FlagMember(*record, "session")) return absl::OkStatus();
  std::vector<std::pair<std::string, int64_t>> jobs, datasets;
  LINEAL_RETURN_IF_ERROR(LinksOf(LinkKey(run_key, Link::kOfJob), &jobs));
  for (const auto& [link, back] :
       {std::pair(Link::kReads, Link::kReadBy), std::pair(Link::kWrites, Link::kWrittenBy)}) {
    LINEAL_RETURN_IF_ERROR(LinksOf(LinkKey(run_key, link), &datasets));
    for (const auto& [job, job_us] : jobs) {
      for (const auto& [dataset, dataset_us] : datasets) {
        std::string_view job_key = job, dataset_key = dataset;
        LINEAL_ASSIGN_OR_RETURN(const LineageNodeId job_id, TakeNodeKey(&job_key));
        LINEAL_ASSIGN_OR_RETURN(const LineageNodeId dataset_id, TakeNodeKey(&dataset_key));
        LINEAL_RETURN_IF_ERROR(Connect(job_id, link, dataset_id, back, dataset_us));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status LineageGraphBatch::Add(const LineageEvent& event) {
  event_ = &event;
  runs_.clear();
  if (event.dataset) {
    LINEAL_RETURN_IF_ERROR(TouchEntity(*event.dataset));
    return AddDatasetFacets(*event.dataset, false);
  }
  LINEAL_RETURN_IF_ERROR(TouchEntity(*event.job));
  if (event.run) LINEAL_RETURN_IF_ERROR(TouchRun());
  LINEAL_RETURN_IF_ERROR(AddDatasets(event.inputs, Link::kReads, Link::kReadBy));
  LINEAL_RETURN_IF_ERROR(AddDatasets(event.outputs, Link::kWrites, Link::kWrittenBy));
  const Value* flows = event.job->facets.Find("lineage");
  const Value* entries = flows == nullptr ? nullptr : flows->Find("lineage");
  if (entries != nullptr && entries->is_array()) {
    for (const Value& entry : entries->array()) {
      const bool of_job = TextMember(entry, "type") == "JOB";
      const auto target = NamedNode(entry, of_job ? Kind::kJob : Kind::kDataset);
      if (!target) {
        Problem("lineage", event.job->id);
        continue;
      }
      LINEAL_RETURN_IF_ERROR(Touch(*target));
      LINEAL_RETURN_IF_ERROR(AddFlows(*target, entry));
    }
  }
  for (const std::string& run : runs_) LINEAL_RETURN_IF_ERROR(JoinJobsOf(run));
  return absl::OkStatus();
}

std::vector<storage::MetaStore::Change> LineageGraphBatch::TakeChanges() {
  std::vector<storage::MetaStore::Change> changes;
  for (const auto& [key, record] : records_) {
    if (!record.object().empty()) changes.push_back({key, EncodePayload(record)});
  }
  records_.clear();
  return changes;
}

}  // namespace lineal::engine
