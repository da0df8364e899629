#include "engine/lineage/open_lineage_event.h"

#include <algorithm>

#include "base/hash.h"
#include "base/status.h"
#include "engine/api/filter.h"
#include "engine/payload/json.h"

namespace lineal::engine {
namespace {

using Kind = LineageNodeId::Kind;

constexpr std::string_view kTypes[] = {"START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"};

const Value* Present(const Value& object, std::string_view key) {
  const Value* value = object.Find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

absl::StatusOr<std::string> Text(const Value& object, std::string_view key, std::string_view place) {
  const Value* value = Present(object, key);
  if (value == nullptr) return InvalidArgument(place, key, " is missing");
  if (!value->is_string()) return InvalidArgument(place, key, " is not a string");
  return value->string();
}

absl::StatusOr<std::string> Name(const Value& object, std::string_view key, std::string_view place) {
  LINEAL_ASSIGN_OR_RETURN(std::string name, Text(object, key, place));
  if (name.empty()) return InvalidArgument(place, key, " is empty");
  if (name.size() > kLineageNameMax) {
    return InvalidArgument(place, key, " has ", name.size(), " bytes, the limit is ", kLineageNameMax);
  }
  if (name.find('\0') != std::string::npos) return InvalidArgument(place, key, " holds a zero byte");
  return name;
}

absl::StatusOr<Value> Facets(const Value& object, std::string_view key, std::string_view place) {
  const Value* value = Present(object, key);
  if (value == nullptr) return Value::EmptyObject();
  if (!value->is_object()) return InvalidArgument(place, key, " is not an object");
  if (value->object().size() > kLineageFacetsMax) {
    return InvalidArgument(place, key, " has ", value->object().size(), " facets, the limit is ", kLineageFacetsMax);
  }
  for (const auto& [name, facet] : value->object()) {
    if (name.empty() || name.size() > kLineageNameMax)
      return InvalidArgument(place, key, " has a facet without a name");
  }
  return *value;
}

absl::StatusOr<LineageEventEntity> Entity(const Value& value, Kind kind, std::string_view place,
                                          std::string_view side_facets = "") {
  if (!value.is_object()) return InvalidArgument(place.substr(0, place.size() - 1), " is not an object");
  LineageEventEntity entity;
  entity.id.kind = kind;
  if (kind == Kind::kRun) {
    LINEAL_ASSIGN_OR_RETURN(entity.id.name, Name(value, "runId", place));
  } else {
    LINEAL_ASSIGN_OR_RETURN(entity.id.name_space, Name(value, "namespace", place));
    LINEAL_ASSIGN_OR_RETURN(entity.id.name, Name(value, "name", place));
  }
  LINEAL_ASSIGN_OR_RETURN(entity.facets, Facets(value, "facets", place));
  if (!side_facets.empty()) {
    LINEAL_ASSIGN_OR_RETURN(entity.side_facets, Facets(value, side_facets, place));
  }
  return entity;
}

absl::Status Datasets(const Value& root, std::string_view key, std::string_view side_facets,
                      std::vector<LineageEventEntity>* out) {
  const Value* list = Present(root, key);
  if (list == nullptr) return absl::OkStatus();
  if (!list->is_array()) return InvalidArgument(key, " is not a list");
  if (list->array().size() > kLineageDatasetsMax) {
    return InvalidArgument(key, " has ", list->array().size(), " datasets, the limit is ", kLineageDatasetsMax);
  }
  for (size_t i = 0; i < list->array().size(); ++i) {
    LINEAL_ASSIGN_OR_RETURN(LineageEventEntity dataset,
                            Entity(list->array()[i], Kind::kDataset, StrCat(key, "[", i, "]."), side_facets));
    out->push_back(std::move(dataset));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LineageEvent> ReadLineageEvent(std::string_view bytes) {
  LINEAL_ASSIGN_OR_RETURN(const Value root, ParseJson(bytes, kOpenLineageDepthMax));
  if (!root.is_object()) return InvalidArgument("an event is a JSON object");
  LineageEvent event;
  event.id = HexOf(BytesOf(Sha256(bytes)));
  LINEAL_ASSIGN_OR_RETURN(event.time, Name(root, "eventTime", ""));
  event.time_us = ParseDatetime(event.time).value_or(0);
  LINEAL_RETURN_IF_ERROR(Text(root, "producer", "").status());
  LINEAL_RETURN_IF_ERROR(Text(root, "schemaURL", "").status());
  const Value* run = Present(root, "run");
  const Value* job = Present(root, "job");
  const Value* dataset = Present(root, "dataset");
  if (run != nullptr && job == nullptr) return InvalidArgument("job is missing: an event of a run names its job");
  if (job != nullptr && run == nullptr && dataset != nullptr) {
    return InvalidArgument("an event names a run and its job, a job or a dataset, not a job and a dataset");
  }
  if (job == nullptr && dataset == nullptr) {
    return InvalidArgument("an event names a run and its job, a job or a dataset");
  }
  if (job == nullptr) {
    LINEAL_ASSIGN_OR_RETURN(event.dataset, Entity(*dataset, Kind::kDataset, "dataset."));
    return event;
  }
  if (run != nullptr) {
    LINEAL_ASSIGN_OR_RETURN(event.run, Entity(*run, Kind::kRun, "run."));
    if (Present(root, "eventType") != nullptr) {
      LINEAL_ASSIGN_OR_RETURN(event.type, Text(root, "eventType", ""));
      if (std::ranges::find(kTypes, event.type) == std::end(kTypes)) {
        return InvalidArgument("eventType `", event.type.substr(0, 64),
                               "` is not one of START, RUNNING, COMPLETE, ABORT, FAIL, OTHER");
      }
    }
  }
  LINEAL_ASSIGN_OR_RETURN(event.job, Entity(*job, Kind::kJob, "job."));
  LINEAL_RETURN_IF_ERROR(Datasets(root, "inputs", "inputFacets", &event.inputs));
  LINEAL_RETURN_IF_ERROR(Datasets(root, "outputs", "outputFacets", &event.outputs));
  return event;
}

}  // namespace lineal::engine
