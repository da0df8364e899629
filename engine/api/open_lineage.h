// What other systems tell of lineage in OpenLineage events: the events as they came, and the graph that they add up to.
// The graph is a function of the set of events: neither their order nor repetition matters.
//
// Threads: any. Changes are durable when a call returns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/payload/value.h"

namespace lineal::engine {

inline constexpr int kOpenLineageDepthMax = 256;  // of JSON: query plans are deep

// What the graph is made of. A run has an id and no namespace, a field is a column of a dataset.
struct LineageNodeId {
  enum class Kind : char { kDataset = 'd', kField = 'f', kJob = 'j', kRun = 'r' };
  Kind kind = Kind::kDataset;
  std::string name_space;
  std::string name;
  std::string field = {};
  friend auto operator<=>(const LineageNodeId&, const LineageNodeId&) = default;
};

// What a node is to another one; each is kept at both ends, but a dataset knows jobs only, of which there are fewer.
enum class LineageLinkKind : char {
  kReads = 'r',      // a job or run: a dataset
  kReadBy = 'R',     // a dataset: a job
  kWrites = 'w',     // a job or run: a dataset
  kWrittenBy = 'W',  // a dataset: a job
  kOfJob = 'j',      // a run: its job
  kHasRun = 'J',     //
  kParent = 'p',     // a run or job: what started it
  kChild = 'P',      //
  kFrom = 'f',       // a dataset or field: what it was made from
  kInto = 'F',       //
  kSameAs = 's',     // a dataset: another name of it
};

enum class LineageRunState { kUnknown, kRunning, kComplete, kAborted, kFailed };

// Facets by name, each an object. One of more than 64 KiB is {"_event", "_bytes"}: the event that has it, and its size.
using LineageFacets = Value;

struct LineageNode {
  LineageNodeId id;
  int64_t first_us = 0;  // of the events that name it, in microseconds since 1970
  int64_t last_us = 0;
  LineageFacets facets = Value::EmptyObject();
  std::string latest_run;  // of a job: the one with the newest event
};
struct LineageLink {
  LineageLinkKind kind = LineageLinkKind::kReads;
  LineageNodeId other;
  int64_t last_us = 0;
  LineageFacets facets = Value::EmptyObject();  // of an input or output of a run; of a field, how it was made
};
struct LineageRun {
  LineageNode node;
  LineageNodeId job;  // the one that named the run first
  LineageRunState state = LineageRunState::kUnknown;
  int64_t started_us = 0;  // 0 when it is not known
  int64_t ended_us = 0;
  std::vector<LineageLink> links;
};
struct LineageDatasetVersion {
  std::string version;
  int64_t first_us = 0;
  std::string run;  // the first that wrote it; empty when it was only read
};

// Data flows along an edge.
struct LineageGraph {
  std::vector<LineageNode> nodes;
  std::vector<std::pair<LineageNodeId, LineageNodeId>> edges;  // between `nodes`
  bool truncated = false;                                      // there is more than was asked for
};
struct LineageQuery {
  LineageNodeId start;
  uint32_t depth = 20;
  uint32_t nodes_max = 1'000;
};

struct LineageEventInfo {
  std::string id;  // SHA-256 of its bytes, in hex
  int64_t received_ms = 0;
  std::string kind;  // "run", "job", "dataset"
  std::string type;  // "START"; empty for none
  std::string time;  // as the event has it
  std::string run;
  LineageNodeId subject;  // its job or dataset
  uint64_t bytes = 0;
};
// What could not be read, or a part of an event that could not be understood.
struct LineageReject {
  int64_t received_ms = 0;
  std::string reason;
  std::string event;  // the id of an event that was taken; empty: `body` was none
  std::string body;   // its beginning
};
struct LineageNamespace {
  std::string name;
  int64_t first_us = 0;
  int64_t last_us = 0;
};

class OpenLineageStore {
 public:
  virtual ~OpenLineageStore() = default;

  // The ids of events. An event that came before changes nothing. INVALID_ARGUMENT says what is missing in what is no
  // event; it is then noted among the rejects.
  virtual absl::StatusOr<std::string> Take(std::string_view event) = 0;
  // One status an event; all that are good are taken together.
  virtual std::vector<absl::Status> TakeAll(const std::vector<std::string>& events) = 0;

  // Newest first, by when they came.
  virtual absl::StatusOr<std::vector<LineageEventInfo>> Events(uint64_t limit, uint64_t offset) = 0;
  // The bytes that came. NOT_FOUND.
  virtual absl::StatusOr<std::string> Event(const std::string& id) = 0;
  virtual absl::StatusOr<std::vector<LineageReject>> Rejects(uint64_t limit) = 0;  // newest first

  // In the order of their names.
  virtual absl::StatusOr<std::vector<LineageNamespace>> Namespaces() = 0;
  virtual absl::StatusOr<std::vector<LineageNode>> Nodes(LineageNodeId::Kind kind, const std::string& name_space,
                                                         uint64_t limit, uint64_t offset) = 0;
  // NOT_FOUND, here and below.
  virtual absl::StatusOr<LineageNode> Find(const LineageNodeId& id) = 0;
  virtual absl::StatusOr<std::vector<LineageLink>> Links(const LineageNodeId& id, LineageLinkKind kind,
                                                         uint64_t limit) = 0;
  virtual absl::StatusOr<LineageRun> FindRun(const std::string& run) = 0;
  virtual absl::StatusOr<std::vector<LineageRun>> RunsOf(const LineageNodeId& job, uint64_t limit) = 0;  // newest first
  virtual absl::StatusOr<std::vector<LineageDatasetVersion>> VersionsOf(const LineageNodeId& dataset,
                                                                        uint64_t limit) = 0;  // newest first
  virtual absl::StatusOr<LineageGraph> Graph(const LineageQuery& query) = 0;

  // What ran and wrote here, as events: of an ingest session.
  virtual absl::StatusOr<std::vector<std::string>> EventsOfSession(const std::string& session) = 0;
};

}  // namespace lineal::engine
