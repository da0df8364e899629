// One shard of a collection on this machine: its change log, its data, and its segments. A write goes into the log, is
// applied to data and segments in seq order, and is visible when Write() returns. A read opens a view at one seq.
//
// Threads: any number write and read. The members of "For the optimizer" are for background work: one that seals and
// one that builds may run at the same time, on different segments.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "base/memory_budget.h"
#include "base/memory_ledger.h"
#include "base/published.h"
#include "engine/segment/query_samples.h"
#include "engine/segment/segment.h"
#include "engine/shard/origin_book.h"
#include "engine/shard/reader_registry.h"
#include "engine/shard/redacted_rows.h"
#include "engine/shard/seal_backlog.h"
#include "engine/shard/segment_store.h"
#include "engine/shard/shard_op.h"
#include "engine/shard/shard_view.h"
#include "storage/log/change_log.h"
#include "storage/rows/shard_store.h"

namespace lineal::engine {

class ApplyGroup;

struct ShardEnvironment {
  std::string directory;  // holds db/ and segments/
  ShardId id{0};
  std::string collection;  // for the memory ledger and the log
  storage::RocksResources* resources = nullptr;
  storage::ChangeLog* log = nullptr;
  const Clock* clock = nullptr;
  FileSystem* files = nullptr;
  MemoryLedger* ledger = nullptr;
  MemoryBudget* budget = nullptr;        // null: writes may take what they like
  std::function<void()> wake_optimizer;  // called when there may be work
  SealBacklogLimit seal_backlog;
};

class Shard {
 public:
  // Opens or creates; loads segments, rebuilds what is missing, replays the log.
  static absl::StatusOr<std::unique_ptr<Shard>> Open(const ShardEnvironment& environment,
                                                     std::shared_ptr<const TableSchema> schema);
  ~Shard();

  struct Written {
    Seq seq = kNoSeq;
  };
  // Returns when the entry is durable and visible. Its own outcome (NOT_FOUND and the like) or why the log refuses, or
  // that too many rows wait to be sealed.
  absl::StatusOr<Written> Write(const storage::EntryDraft& draft);

  // INVALID_ARGUMENT of kind out of range when `as_of` is newer than the newest or older than the history window.
  absl::StatusOr<std::unique_ptr<ShardView>> View(std::optional<Seq> as_of);

  // Keeps the state at `seq` readable until Unpin(). False when it is gone already.
  bool Pin(Seq seq);
  void Unpin(Seq seq);
  // The newest state at that time. INVALID_ARGUMENT of kind out of range before the history window.
  absl::StatusOr<Seq> SeqAt(int64_t wall_ms) const;

  Seq visible() const { return Seq{visible_.load(std::memory_order_acquire)}; }
  uint64_t live_points() const { return static_cast<uint64_t>(live_.load(std::memory_order_acquire)); }
  std::shared_ptr<const SegmentList> segments() const { return segments_.Get(); }
  std::shared_ptr<const TableSchema> schema() const { return schema_.Get(); }
  storage::ShardStore& store() { return *store_; }
  const ShardEnvironment& environment() const { return environment_; }
  // Recent queries of the collection, shared by its shards; null when none are kept. Set before the optimizer knows the
  // shard.
  void SetQuerySamples(std::shared_ptr<const QuerySamples> samples) { query_samples_ = std::move(samples); }
  const QuerySamples* query_samples() const { return query_samples_.get(); }
  absl::Status Health() const;
  uint64_t disk_bytes() const;
  // Brings the memory ledger up to date with what the segments hold.
  void ChargeMemory() const;

  // New rows go into a growing segment of the new schema; indexes of new fields are built behind.
  void SetSchema(std::shared_ptr<const TableSchema> schema);

  // A consistent copy in `directory`: everything acknowledged before the call.
  absl::Status Checkpoint(const std::string& directory);
  // Makes what is applied durable, writes the manifest, releases the log.
  absl::Status FlushAll();

  // --- For the optimizer ---
  // Applies what is committed and not applied yet: after a failure of the data, or what a full log read back.
  absl::Status Drain();
  // The manifest as of now, on disk.
  absl::Status SaveManifest();
  SegmentStore& segment_store() { return segment_store_; }
  // What is held while segments and indexes are made.
  WorkingMemory& building() { return building_; }
  uint64_t NewSegmentId() { return next_segment_id_.fetch_add(1); }
  // The seq up to which no reader, now or later, may ask for an older state.
  Seq AdvanceFloor();
  Seq floor() const { return Seq{floor_.load()}; }
  // From now until the matching EndChangeWatch(), rows that get another payload are collected. Watches may overlap.
  void BeginChangeWatch();
  void EndChangeWatch();
  // Replaces `removed` by `added`: deaths and payload changes since they were built are carried over, the manifest is
  // written, the old files go with their last reader, and `purged`, rows that no segment holds any more and nobody can
  // see, leave the data.
  absl::Status Swap(const std::vector<uint64_t>& removed, std::vector<std::shared_ptr<const Segment>> added,
                    const std::vector<RowId>& purged);
  // Closes the growing segment when most of it is dead, so that it is sealed before it is full.
  void RollMostlyDead();
  // Purges what a crash between a swap and its purge left in the data.
  absl::Status PurgeLeftover();
  // Takes history before the floor out of the data.
  absl::Status TrimHistory();
  // Flushes the data and lets the log go up to what is durable.
  absl::Status ReleaseLog();

  // --- For erasure, while the optimizer leaves the shard alone ---
  // Keeps what is to be erased until EndErasure(), so that a crash forgets nothing of it. Durable when it returns.
  absl::Status BeginErasure(const std::string& id, const ErasedRows& erased);
  // Nothing if there is none of that id, or none any more.
  absl::StatusOr<std::optional<ErasedRows>> ErasureOf(const std::string& id) const;
  // The points that live in one of these rows.
  absl::StatusOr<std::vector<PointId>> PointsIn(std::span<const RowId> rows) const;
  // The growing segment takes no more rows; another does.
  void CloseGrowing();
  // Returns when all views that are open now are gone.
  void AwaitViews();
  // Takes rows that died and that no segment holds out of the data, whoever might still ask for them: what came before
  // and after them hangs together, and that there was something is remembered in numbers.
  absl::Status EraseRows(std::span<const RowId> rows);
  // Takes out the names of sources that no row comes from any more.
  absl::Status EraseSources(std::span<const uint32_t> sources);
  // Takes folders away that belong to no segment of now, though somebody may still be reading them. UNAVAILABLE when
  // one stays.
  absl::Status RemoveStraySegments();
  // UNAVAILABLE when one of the rows is still there.
  absl::Status CheckErased(std::span<const RowId> rows) const;
  absl::Status EndErasure(const std::string& id);
  // Of rows that were erased.
  const RedactedRows& redacted() const { return redacted_; }

 private:
  Shard(const ShardEnvironment& environment, std::shared_ptr<const TableSchema> schema);
  absl::Status Load();
  // Rows of data from before there were origins have none.
  absl::Status LoadOrigins();
  absl::Status LoadSegments(Manifest* manifest, bool* complete);
  absl::Status RestoreGrowing(RowId from, bool everything);
  absl::Status RestoreRows(const std::map<RowId, std::string>& rows);
  absl::Status RestoreRow(RowId row, std::string_view bytes, const storage::PayloadVersion* version);
  absl::Status MarkDeaths(RowId from);
  absl::Status RollForward(Seq from);

  absl::Status ApplyCommitted();
  absl::Status ApplyGroupOf(size_t* taken);
  void Publish(const ApplyGroup& group, Seq last);
  void AppendRow(const NewRow& row);
  std::unique_ptr<ShardView> OpenView(Seq at, bool historic);
  Manifest ManifestOf(const SegmentList& segments) const;
  void ReplaceGrowing(std::shared_ptr<Segment> fresh);
  // Closes the growing segment before it is full: sealing it moves its vectors out of memory.
  void RollForMemory();
  absl::Status Purge(std::vector<RowId> rows);
  absl::Status LoadRedacted();
  absl::Status EraseSome(std::span<const RowId> rows);
  absl::Status ForgetDigests(std::vector<Seq> seqs, storage::StoreBatch* batch) const;
  absl::Status FindPayloads(std::span<const RowId> rows, std::vector<std::pair<RowId, Seq>>* payloads) const;

  const ShardEnvironment environment_;
  Published<TableSchema> schema_;
  SegmentStore segment_store_;
  WorkingMemory building_;
  std::shared_ptr<const QuerySamples> query_samples_;
  std::unique_ptr<storage::ShardStore> store_;
  std::unique_ptr<storage::ShardLog> log_;

  std::atomic<uint64_t> visible_{0};
  std::atomic<uint64_t> floor_{0};
  std::atomic<int64_t> live_{0};
  std::atomic<uint64_t> next_segment_id_{1};
  mutable ReaderRegistry readers_;

  // Guards the change of visible_ and segments_ against the opening of views, so that a view gets both of one moment.
  std::mutex view_mutex_;
  Published<SegmentList> segments_;
  std::shared_ptr<const void> views_;  // held by every view that was opened since AwaitViews()
  std::future<void> views_gone_;       // ready when nobody holds it any more
  SealBacklog backlog_;
  RedactedRows redacted_;

  std::mutex manifest_mutex_;    // orders manifests as they are written
  std::atomic<int> purges_{0};   // begun and not ended, or failed
  std::vector<RowId> leftover_;  // the optimizer's, once the shard is open

  // The apply right: everything below belongs to its holder.
  std::mutex apply_mutex_;
  struct Pending {
    storage::LogEntry entry;
    std::optional<ShardOps> ops;
  };
  std::deque<Pending> pending_;
  RowId next_row_{0};
  OriginBook origins_;
  std::shared_ptr<Segment> growing_;
  int change_watches_ = 0;
  std::vector<RowId> changed_rows_;
  absl::Status apply_health_;

  struct Outcome {
    absl::Status status;
    Seq seq = kNoSeq;
  };
  std::map<Seq, Outcome> outcomes_;  // of entries that did not simply succeed, until their writers fetch them
  bool replaying_ = true;

  std::vector<MemoryLedger::Probe> probes_;
};

}  // namespace lineal::engine
