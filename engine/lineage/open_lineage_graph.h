// What events change in the graph of lineage. Every field of its records is the greatest, the least or the union of
// what events say, so that the records are the same for the same set of events.
//
// Threads: one; the catalogue is changed by nobody else meanwhile.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engine/lineage/open_lineage_event.h"
#include "engine/lineage/open_lineage_keys.h"
#include "storage/meta/meta_store.h"

namespace lineal::engine {

class LineageGraphBatch {
 public:
  explicit LineageGraphBatch(storage::MetaStore* meta) : meta_(meta) {}

  absl::Status Add(const LineageEvent& event);
  // Of facets that say nothing that can be understood: reasons.
  std::vector<std::string> TakeProblems() { return std::move(problems_); }
  // Of all events that were added.
  std::vector<storage::MetaStore::Change> TakeChanges();

 private:
  using Kind = LineageNodeId::Kind;
  using Link = LineageLinkKind;

  // The record under that key, read once.
  absl::StatusOr<Value*> Record(const std::string& key);
  absl::Status Touch(const LineageNodeId& id);
  absl::Status TouchEntity(const LineageEventEntity& entity);
  absl::Status Point(const LineageNodeId& from, Link link, const LineageNodeId& to, int64_t time_us,
                     const Value* facets = nullptr);
  // At both ends; `facets` at the first.
  absl::Status Connect(const LineageNodeId& from, Link link, const LineageNodeId& to, Link back, int64_t time_us,
                       const Value* facets = nullptr);
  absl::Status TouchRun();
  absl::Status AddDatasets(const std::vector<LineageEventEntity>& datasets, Link link, Link back);
  absl::Status AddDatasetFacets(const LineageEventEntity& dataset, bool written);
  absl::Status AddVersion(const LineageEventEntity& dataset, bool written);
  absl::Status AddSymlinks(const LineageNodeId& dataset, const Value& facet);
  absl::Status AddColumns(const LineageNodeId& dataset, const Value& facet);
  // What a `lineage` facet says of a target: its inputs and those of its fields.
  absl::Status AddFlows(const LineageNodeId& target, const Value& entry);
  absl::Status AddFlow(const LineageNodeId& target, const Value& input);
  absl::Status AddParent(const Value& facet);
  // A run that an ingest session is part of: what its jobs read and wrote is what all of them did.
  absl::Status JoinJobsOf(const std::string& run);
  absl::Status LinksOf(const std::string& link_key, std::vector<std::pair<std::string, int64_t>>* others);

  void Problem(std::string_view facet, const LineageNodeId& of);

  storage::MetaStore* const meta_;
  const LineageEvent* event_ = nullptr;
  std::map<std::string, Value> records_;
  std::set<std::string> runs_;  // that the event says something of
  std::vector<std::string> problems_;
};

// Merge rules of single fields; true when the record changed.
void KeepLeast(Value* record, std::string_view field, int64_t value);
void KeepGreatest(Value* record, std::string_view field, int64_t value);

inline constexpr size_t kFacetBytesMax = 64 << 10;  // kept with a node
inline constexpr size_t kNodeFacetsMax = 200;       // the newest

}  // namespace lineal::engine
