// A shard's sealed segments on disk: one folder a segment and a manifest that says which count
// (docs/format/segment.md). All of it is derived from the rows: what is missing or damaged is reported and rebuilt by
// the shard.
//
// Threads: Save and WriteManifest from the shard's optimizer; the rest at open.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/file_system.h"
#include "base/memory_budget.h"
#include "base/memory_ledger.h"
#include "engine/segment/segment.h"

namespace lineal::engine {

struct Manifest {
  uint64_t next_segment_id = 1;
  RowId growing_from{0};  // rows from here on are in no sealed segment
  bool purging = false;   // rows that no segment holds may not have left the data yet
  struct Entry {
    uint64_t id = 0;
    SegmentKind kind = SegmentKind::kSealed;
    Seq watermark = kNoSeq;                                // deaths and payload changes up to here are in it
    std::string stale;                                     // a RowSet
    std::vector<std::pair<uint32_t, Seq>> deaths;          // place, when; a history segment has them with its rows
    std::vector<uint32_t> vectors;                         // numbers with a packed file
    std::vector<uint32_t> graphs;                          // numbers with an index
    std::vector<std::pair<uint32_t, std::string>> fields;  // number, key
  };
  std::vector<Entry> segments;
};

std::string EncodeManifest(const Manifest& manifest);
absl::StatusOr<Manifest> DecodeManifest(std::string_view bytes);

class SegmentStore {
 public:
  // Segments are charged to `owner` of the ledger, if there is one, under names made of its segment and their number.
  // What sealing them takes is kept back of the budget, if there is one.
  SegmentStore(std::string directory, FileSystem* files, MemoryLedger* ledger = nullptr, MemoryOwner owner = {},
               MemoryBudget* budget = nullptr)
      : directory_(std::move(directory)), files_(files), ledger_(ledger), owner_(std::move(owner)), budget_(budget) {}

  // An empty manifest when there is none; DATA_LOSS for a damaged one.
  absl::StatusOr<Manifest> ReadManifest();
  absl::Status WriteManifest(const Manifest& manifest);
  // Removes folders that the manifest does not name.
  void RemoveStrays(const Manifest& manifest);

  // Maps and checks one segment. Rows and packed vectors must be sound; a graph or field index that is not is left out,
  // with a warning, and will be rebuilt.
  absl::StatusOr<std::shared_ptr<const Segment>> Load(const Manifest::Entry& entry, const TableSchema& schema);

  // Keeps what was measured of a graph beside it.
  absl::Status SaveRecall(uint64_t segment_id, uint32_t vector_number, const RecallTable& table);

  static constexpr std::string_view kListedRows = "rows_by_list";
  static constexpr std::string_view kTenantLists = "tenant_lists";
  std::string FolderOf(uint64_t segment_id) const;
  // Of the index over a vector: its lists, if there are any, else its graph.
  std::string IndexFileOf(uint64_t segment_id, uint32_t number) const;
  std::string FileOf(uint64_t segment_id, std::string_view kind, uint32_t number) const;
  // A handle that removes the segment's folder with its last holder once Obsolete() has been called on it.
  std::shared_ptr<void> HoldFiles(uint64_t segment_id);
  static void Obsolete(const Segment& segment);

  // The account of a segment of that number; null without a ledger.
  std::shared_ptr<SegmentAccount> AccountOf(uint64_t segment_id) const;
  // A claim of something that belongs to a segment and is not part of it (yet).
  MemoryLedger::Charge ChargeFor(uint64_t segment_id, std::string kind) const;

  FileSystem* files() const { return files_; }
  const std::string& directory() const { return directory_; }

 private:
  void LoadRecall(uint64_t segment_id, uint32_t vector_number, const VectorColumn& column);
  absl::Status LoadIndex(const Manifest::Entry& entry, const VectorDef& vector, const TableSchema& schema,
                         uint32_t rows, VectorColumn* column);
  void LoadTenants(const Manifest::Entry& entry, const VectorDef& vector, const TableSchema& schema, uint32_t rows,
                   VectorColumn* column);
  void OpenListedRows(uint64_t segment_id, const VectorDef& vector, index::IvfIndex* lists);
  std::shared_ptr<const index::RowCodes> LoadCodes(uint64_t segment_id, const VectorDef& vector, uint32_t code_bits,
                                                   const VectorColumn& column, uint32_t rows);

  const std::string directory_;
  FileSystem* const files_;
  MemoryLedger* const ledger_;
  const MemoryOwner owner_;
  MemoryBudget* const budget_;
};

// What the manifest says of a loaded or fresh sealed segment.
Manifest::Entry EntryOf(const Segment& segment, const TableSchema& schema, Seq watermark);

}  // namespace lineal::engine
