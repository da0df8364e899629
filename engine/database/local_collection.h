// A collection on this machine: its shards, and the reads and writes over them.
//
// Threads: any. Close() waits for the calls in progress.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/executor.h"
#include "base/published.h"
#include "engine/api/database.h"
#include "engine/api/erasure.h"
#include "engine/database/catalogue.h"
#include "engine/database/revision_catalogue.h"
#include "engine/database/space_guard.h"
#include "engine/database/write_gate.h"
#include "engine/optimizer/optimizer.h"
#include "engine/shard/shard.h"

namespace lineal::engine {

class LocalCollection final : public Collection {
 public:
  LocalCollection(std::string name, CollectionRecord record, std::vector<std::unique_ptr<Shard>> shards,
                  std::unique_ptr<RevisionCatalogue> revisions, Lineage* lineage, Optimizer* optimizer,
                  Executor* executor);
  ~LocalCollection() override;

  absl::StatusOr<WriteResult> Write(WriteRequest request) override;
  absl::StatusOr<std::vector<ScoredPoint>> Search(const SearchRequest& request) override;
  absl::StatusOr<std::vector<PointRecord>> Retrieve(const RetrieveRequest& request) override;
  absl::StatusOr<ScrollPage> Scroll(const ScrollRequest& request) override;
  absl::StatusOr<uint64_t> Count(const CountRequest& request) override;
  absl::StatusOr<std::vector<PointOrigin>> Provenance(const ProvenanceRequest& request) override;
  absl::StatusOr<OriginPage> PointsOf(const OriginPageRequest& request) override;
  absl::StatusOr<std::vector<ContextCount>> CountByContext() override;
  absl::StatusOr<Revision> MakeRevision(const std::string& message, const std::string& author) override;
  absl::StatusOr<std::vector<Revision>> Revisions(uint64_t limit) override;
  absl::StatusOr<Revision> Tag(const std::string& tag, uint64_t revision, const std::string& author) override;
  absl::StatusOr<bool> Untag(const std::string& tag, const std::string& author) override;
  absl::StatusOr<RevisionDiff> Diff(const DiffRequest& request) override;
  absl::StatusOr<RollbackResult> Rollback(const RollbackRequest& request) override;
  absl::StatusOr<CollectionInfo> Info() override;
  absl::StatusOr<CollectionMemory> Memory() override;

  const std::string& name() const { return name_; }
  std::shared_ptr<const CollectionRecord> record() const { return record_.Get(); }
  // Whatever `commit` makes durable. A change of embedding spaces waits until nobody writes, and is refused when points
  // are of others.
  absl::Status ChangeRecord(CollectionRecord record, const std::function<absl::Status()>& commit);
  absl::Status Checkpoint(const std::string& directory);
  absl::Status FlushAll();
  // The same, while others may close the collection.
  absl::Status FlushIfOpen();
  // --- Erasure (engine/database/collection_erase.cc) ---
  // What an erasure would take, a list for each shard. `counts` is of the same.
  absl::StatusOr<std::vector<ErasedRows>> FindErased(const ErasureSelector& selector, Erasure* counts);
  // Finds it again without writers, keeps the lists under `id`, lets `commit` make the erasure known, and deletes the
  // points that live.
  absl::Status BeginErasure(const ErasureSelector& selector, const std::string& id, Erasure* counts,
                            const std::function<absl::Status()>& commit);
  // From wherever it stands: all of it off this collection's files. OK when nothing is left.
  absl::Status FinishErasure(const std::string& id, const std::atomic<bool>& stopping);
  void ChargeMemory();
  // NOT_FOUND for a tag there is not. It stays while it is held.
  absl::Status HoldTag(const std::string& tag);
  void ReleaseTag(const std::string& tag);
  // Refuses further calls, waits for those in progress, lets the optimizer go. Idempotent.
  void Close();
  // Closes the shards' files; only after Close(). Whoever still holds the collection gets NOT_FOUND.
  void ReleaseShards() { shards_.clear(); }
  const std::vector<std::unique_ptr<Shard>>& shards() const { return shards_; }

 private:
  void SetRecord(CollectionRecord record);
  // One view a shard, as the read asks.
  absl::StatusOr<std::vector<std::unique_ptr<ShardView>>> Views(const ReadOptions& options) const;
  // One seq a shard, of what ReadOptions::as_of names.
  absl::StatusOr<std::vector<Seq>> SeqsOf(const std::string& as_of) const;
  bool Readable(const Revision& revision) const;
  uint64_t Redacted(const Revision& revision) const;
  // Keeps a revision's states, or says that one is gone and keeps none.
  absl::Status Pin(const Revision& revision);
  void Unpin(const Revision& revision);
  // With the gate closed.
  absl::StatusOr<Revision> MarkClosedShards(const std::string& message, const std::string& author);
  absl::StatusOr<Revision> MarkShards(const std::string& message, const std::string& author);
  absl::Status ForgetOldRevisions();
  // Deletes points that live in rows which are kept under `id`. Nobody else writes.
  absl::Status DeleteErased(const std::string& id);

  const std::string name_;
  Published<CollectionRecord> record_;
  std::vector<std::unique_ptr<Shard>> shards_;
  const std::unique_ptr<RevisionCatalogue> revisions_;
  std::mutex revision_mutex_;        // one change of revisions and tags at a time
  std::set<std::string> pinned_;     // tags whose states are kept
  std::multiset<std::string> held_;  // tags that aliases name
  WriteGate gate_;
  SpaceGuard guard_;
  Optimizer* const optimizer_;
  Executor* const executor_;
  const std::shared_ptr<QuerySamples> query_samples_ = std::make_shared<QuerySamples>();
  TaskScope calls_;
};

// What a view can say of one of its rows.
absl::StatusOr<PointRecord> RecordOf(const ShardView& view, const RowPlace& place, const PayloadSelector& payload,
                                     const VectorSelector& vectors);

}  // namespace lineal::engine
