// OpenLineage events and their graph in the catalogue. Raw events go away after a time, some with each event that
// comes; the graph stays.
//
// Threads: any.
#pragma once

#include <mutex>

#include "base/clock.h"
#include "engine/api/open_lineage.h"
#include "engine/lineage/open_lineage_event.h"
#include "engine/lineage/open_lineage_options.h"
#include "engine/lineage/session_events.h"
#include "storage/meta/meta_store.h"

namespace lineal::engine {

class LocalOpenLineage final : public OpenLineageStore {
 public:
  // Both outlive this.
  LocalOpenLineage(storage::MetaStore* meta, const Clock* clock, OpenLineageOptions options)
      : meta_(meta), clock_(clock), options_(std::move(options)) {}

  absl::StatusOr<std::string> Take(std::string_view event) override;
  std::vector<absl::Status> TakeAll(const std::vector<std::string>& events) override;
  absl::StatusOr<std::vector<LineageEventInfo>> Events(uint64_t limit, uint64_t offset) override;
  absl::StatusOr<std::string> Event(const std::string& id) override;
  absl::StatusOr<std::vector<LineageReject>> Rejects(uint64_t limit) override;
  absl::StatusOr<std::vector<LineageNamespace>> Namespaces() override;
  absl::StatusOr<std::vector<LineageNode>> Nodes(LineageNodeId::Kind kind, const std::string& name_space,
                                                 uint64_t limit, uint64_t offset) override;
  absl::StatusOr<LineageNode> Find(const LineageNodeId& id) override;
  absl::StatusOr<std::vector<LineageLink>> Links(const LineageNodeId& id, LineageLinkKind kind,
                                                 uint64_t limit) override;
  absl::StatusOr<LineageRun> FindRun(const std::string& run) override;
  absl::StatusOr<std::vector<LineageRun>> RunsOf(const LineageNodeId& job, uint64_t limit) override;
  absl::StatusOr<std::vector<LineageDatasetVersion>> VersionsOf(const LineageNodeId& dataset, uint64_t limit) override;
  absl::StatusOr<LineageGraph> Graph(const LineageQuery& query) override;
  absl::StatusOr<std::vector<std::string>> EventsOfSession(const std::string& session) override;

  // As events of its run: that it began, and how it ended once it did.
  absl::Status NoteSession(const IngestSession& session, const std::vector<WrittenCollection>& written);

 private:
  using Changes = std::vector<storage::MetaStore::Change>;

  // With the mutex held.
  absl::Status Keep(const std::vector<std::pair<const LineageEvent*, std::string_view>>& events, Changes changes);
  absl::Status AddRejects(const std::vector<LineageReject>& rejects, Changes* changes);
  void NoteRefused(const std::vector<LineageReject>& rejects);
  absl::Status RemoveExpired();

  storage::MetaStore* const meta_;
  const Clock* const clock_;
  const OpenLineageOptions options_;
  std::mutex mutex_;  // one change at a time
};

}  // namespace lineal::engine
