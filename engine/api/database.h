// The database as its doors see it. Implemented on one machine by engine/database; a router over many implements the
// same, so that a door does not know which it talks to.
//
// Threads: any number may call anything. Calls block until they are done or their deadline passes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/memory_ledger.h"
#include "engine/api/alias.h"
#include "engine/api/erasure.h"
#include "engine/api/lineage.h"
#include "engine/api/memory.h"
#include "engine/api/read.h"
#include "engine/api/revision.h"
#include "engine/api/schema.h"
#include "engine/api/write.h"

namespace lineal::engine {

enum class CollectionHealth {
  kGreen,   // everything indexed
  kYellow,  // the optimizer is at work
  kGrey,    // work is pending and the optimizer is not running
  kRed,     // an error stops the optimizer or writes; see `problem`
};

struct SegmentInfo {
  std::string id;
  std::string kind;  // "growing", "sealed", "history"
  uint64_t rows = 0;
  uint64_t dead_rows = 0;
  uint64_t indexed_rows = 0;
};
struct OptimizerTask {
  std::string collection;
  uint32_t shard = 0;
  std::string kind;   // "index", "seal", "merge", "vacuum", "calibrate"
  std::string state;  // "queued", "running"
  uint64_t done_rows = 0;
  uint64_t total_rows = 0;
  double eta_s = 0;  // 0 when not known
};
// Since the server started.
struct SpaceGuardCounts {
  uint64_t refused = 0, warned = 0, assumed = 0;
};
struct CollectionInfo {
  CollectionHealth health = CollectionHealth::kGreen;
  std::string problem;
  CollectionSchema schema;
  uint32_t number = 0;  // no other collection has it, before or after
  uint64_t points = 0;
  uint64_t indexed_vectors = 0;
  uint64_t vectors = 0;
  std::map<std::string, uint64_t> field_points;  // payload index → points that have a value
  std::vector<SegmentInfo> segments;
  std::vector<Seq> seqs;  // newest visible seq, one a shard
  SpaceGuardCounts space_guard;
  uint64_t disk_bytes = 0;
};

class Collection {
 public:
  virtual ~Collection() = default;

  virtual absl::StatusOr<WriteResult> Write(WriteRequest request) = 0;
  virtual absl::StatusOr<std::vector<ScoredPoint>> Search(const SearchRequest& request) = 0;
  virtual absl::StatusOr<std::vector<PointRecord>> Retrieve(const RetrieveRequest& request) = 0;
  virtual absl::StatusOr<ScrollPage> Scroll(const ScrollRequest& request) = 0;
  virtual absl::StatusOr<uint64_t> Count(const CountRequest& request) = 0;
  // NOT_FOUND for a point that is not there.
  virtual absl::StatusOr<std::vector<PointOrigin>> Provenance(const ProvenanceRequest& request) = 0;
  virtual absl::StatusOr<OriginPage> PointsOf(const OriginPageRequest& request) = 0;
  // Living points by the context that wrote them, those of no context among them.
  virtual absl::StatusOr<std::vector<ContextCount>> CountByContext() = 0;
  // A cut through all shards: what was acknowledged before the call is in it, what begins after it returns is not.
  virtual absl::StatusOr<Revision> MakeRevision(const std::string& message, const std::string& author) = 0;
  virtual absl::StatusOr<std::vector<Revision>> Revisions(uint64_t limit) = 0;  // newest first
  // A name for a revision that is readable, 0 for one made now. ALREADY_EXISTS: a tag never moves.
  virtual absl::StatusOr<Revision> Tag(const std::string& tag, uint64_t revision, const std::string& author) = 0;
  // False when there was none. Its revision is then kept for the history window only. CONFLICT while an alias names it.
  virtual absl::StatusOr<bool> Untag(const std::string& tag, const std::string& author) = 0;
  // What changed between two states; takes time with the changes, not with the points.
  virtual absl::StatusOr<RevisionDiff> Diff(const DiffRequest& request) = 0;
  // Writers wait meanwhile. OUT_OF_RANGE, and nothing changes, where a state is needed that is no longer kept. Not
  // atomic over a crash; asked for again, it does the rest.
  virtual absl::StatusOr<RollbackResult> Rollback(const RollbackRequest& request) = 0;
  virtual absl::StatusOr<CollectionInfo> Info() = 0;
  virtual absl::StatusOr<CollectionMemory> Memory() = 0;
};

// Changes to a live collection; what is not set stays.
struct SchemaChange {
  std::optional<HnswConfig> hnsw;
  std::optional<OptimizerConfig> optimizer;
  std::optional<SearchConfig> search;
  std::map<std::string, VectorSchema> add_vectors;
  std::vector<std::string> drop_vectors;
  std::map<std::string, std::optional<uint32_t>> code_bits;  // of vectors that stay; nothing: the collection's
  std::map<std::string, VectorMemory> vector_memory;         // of vectors there are
  std::map<std::string, std::string> spaces;                 // of vectors there are: id or name; empty for none
  std::optional<SpacePolicy> space_policy;
  std::map<std::string, FieldSchema> add_fields;
  std::vector<std::string> drop_fields;
  std::optional<Value> metadata;
  std::optional<Value> raw_config;
};

class Database {
 public:
  virtual ~Database() = default;

  // ALREADY_EXISTS "Collection `x` already exists!".
  virtual absl::Status CreateCollection(const std::string& name, const CollectionSchema& schema) = 0;
  // False when there was none.
  virtual absl::StatusOr<bool> DropCollection(const std::string& name) = 0;
  // Returns when the change is durable; index fields and graphs are built behind.
  virtual absl::Status AlterCollection(const std::string& name, const SchemaChange& change) = 0;
  virtual absl::StatusOr<std::vector<std::string>> ListCollections() = 0;
  // By name or alias. NOT_FOUND "Collection `x` doesn't exist!". Kept alive by the pointer; a dropped one answers
  // NOT_FOUND to everything.
  virtual absl::StatusOr<std::shared_ptr<Collection>> GetCollection(const std::string& name) = 0;

  // All or nothing.
  virtual absl::Status ChangeAliases(const std::vector<AliasChange>& changes, const std::string& principal) = 0;
  virtual absl::StatusOr<std::vector<Alias>> ListAliases() = 0;
  // Oldest first; also of one that is removed. NOT_FOUND for one that never was.
  virtual absl::StatusOr<std::vector<AliasMove>> AliasMoves(const std::string& alias) = 0;

  // Lives as long as the database. UNAVAILABLE while it opens, and once it is stopped.
  virtual absl::StatusOr<Lineage*> lineage() = 0;

  virtual std::vector<OptimizerTask> Tasks() = 0;
  // Brought up to date by the call. Owners without a collection belong to all.
  virtual const MemoryLedger& memory() = 0;
  // A consistent copy of one collection in `directory`, which must not exist; and a collection made from such a copy.
  virtual absl::Status BackupCollection(const std::string& name, const std::string& directory) = 0;
  virtual absl::Status RestoreCollection(const std::string& name, const std::string& directory) = 0;
  // Returns when what is selected has left the disk, or is why not: it is gone on with when the database is next
  // opened. A dry run changes nothing and says what would go.
  virtual absl::StatusOr<Erasure> Erase(const ErasureRequest& request) = 0;
  virtual absl::StatusOr<std::vector<Erasure>> ListErasures(uint64_t limit) = 0;  // newest first
  virtual absl::StatusOr<Erasure> FindErasure(const std::string& id) = 0;         // NOT_FOUND
  // Whether everything is loaded and replayed, and writes are possible; else why not.
  virtual absl::Status Ready() = 0;
  // Finishes what was accepted, flushes, stops all threads. Idempotent.
  virtual void Stop() = 0;
};

}  // namespace lineal::engine
