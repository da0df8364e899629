// One named vector of a segment's rows: the packed rows, which rows have it, and the index over them, if there is one:
// a graph or lists. Rows below indexed() are in it; the tail behind is scanned exactly.
//
// Threads: one writer appends (growing columns only); one other may index; any number search.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/checked_image.h"
#include "base/executor.h"
#include "base/io.h"
#include "base/published.h"
#include "engine/api/schema.h"
#include "engine/segment/column_index.h"
#include "engine/segment/recall_table.h"
#include "engine/segment/row_bits.h"
#include "engine/segment/segment_memory.h"
#include "index/hnsw/hnsw_index.h"
#include "index/ivf/ivf_index.h"
#include "index/ivf/listed_rows.h"
#include "index/quantizers/row_codes.h"
#include "index/vectors/growing_rows.h"
#include "index/vectors/neighbor.h"
#include "index/vectors/query.h"
#include "index/vectors/row_format.h"

namespace lineal::engine {

class VectorColumn {
 public:
  // A growing one; the graph is made when the optimizer first indexes.
  VectorColumn(const index::RowFormat& format, uint32_t capacity);
  // A sealed one over a packed file image (docs/format/segment.md): DATA_LOSS if it is damaged or of another format.
  static absl::StatusOr<std::shared_ptr<VectorColumn>> Load(std::shared_ptr<const MappedRegion> image,
                                                            const index::RowFormat& format, uint32_t rows,
                                                            VectorMemory memory = VectorMemory::kWarm);

  // `row` null when the point has no such vector.
  void Append(const std::byte* row);

  const index::RowFormat& format() const { return format_; }
  uint32_t capacity() const { return capacity_; }  // the number of rows of a sealed one
  const index::RowView& rows() const { return view_; }
  // Where a sealed one's rows are to be kept; warm for a growing one.
  VectorMemory memory() const { return memory_; }
  // One row, asked for by its number. Of a cold column not many of them stay in memory.
  const std::byte* Row(LocalId id) const;
  // Of rows [begin, end) of a cold column, which whoever goes through many of them asks for and gives back; does
  // nothing to others (engine/segment/column_pass.h).
  void Advise(Residence residence, uint32_t begin, uint32_t end) const;
  bool Has(LocalId id) const { return present_->Test(id); }
  const RowBits& present() const { return *present_; }
  bool all_present() const { return absent_.load(std::memory_order_acquire) == 0; }

  // Gives a sealed column its index, and codes of its rows to search it by (or null), before it is published.
  void AttachGraph(std::unique_ptr<index::HnswIndex> graph, std::shared_ptr<const index::RowCodes> codes,
                   uint32_t indexed);
  void AttachLists(std::unique_ptr<index::IvfIndex> lists, std::shared_ptr<const index::RowCodes> codes,
                   uint32_t indexed);
  // Beside lists of all rows, before it is published.
  void AttachTenants(std::shared_ptr<TenantLists> tenants);
  // Gives a sealed column codes to be scanned by until it has an index, before it is published.
  void AttachCodes(std::shared_ptr<const index::RowCodes> codes);
  // What a search is to go by from its beginning to its end; never null.
  std::shared_ptr<const ColumnIndex> index() const { return index_.Get(); }
  bool has_index() const { return index()->has_index(); }
  uint32_t indexed() const { return index()->indexed; }
  // Of columns whose index is not replaced any more, sealed ones: null if there is none.
  const index::HnswIndex* graph() const { return index()->graph.get(); }
  const index::IvfIndex* lists() const { return index()->lists.get(); }
  const index::RowCodes* codes() const { return index()->codes.get(); }
  // The rows in the order of the lists, that these read; null where they read rows().
  const index::ListedRows* listed_rows() const { return index()->listed_rows(); }
  // Null where there are none.
  const TenantLists* tenants() const { return index()->tenants.get(); }
  uint32_t code_bits() const { return index()->code_bits(); }
  // Makes codes of all rows. CanQuantize(format()) holds.
  std::shared_ptr<const index::RowCodes> Encode(uint32_t rows, const index::CodeBuild& build) const;
  // What searches of a sealed column's graph find, once it has been measured; null before. Threads: any.
  std::shared_ptr<const RecallTable> recall() const { return recall_.Get(); }
  void SetRecall(std::shared_ptr<const RecallTable> recall) const { recall_.Set(std::move(recall)); }

  // Puts rows [indexed(), upto) into the graph, or lists, making them first if need be. A column that has begun with
  // the other stays as it is.
  absl::Status GraphUpTo(uint32_t upto, const index::HnswParams& params,
                         const index::HnswIndex::InsertOptions& options);
  absl::Status ListUpTo(uint32_t upto, uint64_t seed, bool with_codes, const index::IvfBuildOptions& options);

  // The nearest among rows below `rows`: by `index`, which is this column's and has one, and a scan of the rows behind.
  std::vector<index::Neighbor> Search(const ColumnIndex& index, const index::Query& query, uint32_t rows,
                                      const index::SearchParams& params) const;
  // The same by a scan of all rows, or of `ids`, which ascend: by codes as far as there are any, if `by_codes`.
  std::vector<index::Neighbor> ScanAll(const ColumnIndex& index, const index::Query& query, uint32_t rows,
                                       const index::SearchParams& params, bool by_codes) const;
  std::vector<index::Neighbor> ScanSome(const ColumnIndex& index, const index::Query& query,
                                        std::span<const LocalId> ids, const index::SearchParams& params,
                                        bool by_codes) const;

  void AddMemory(SegmentMemory* memory) const;
  // About what indexing the rest of a growing column's `rows` and then writing and loading a sealed one take, beside
  // what it holds now.
  uint64_t SealingBytes(uint32_t rows) const;
  // Calls `visit` with each mapped file's kind and bytes.
  void ForEachMapped(const std::function<void(std::string_view kind, std::string_view bytes)>& visit) const;
  uint64_t vector_bytes() const { return view_.row_bytes() * uint64_t{present_->count()}; }

 private:
  VectorColumn(const index::RowFormat& format, uint32_t rows, std::shared_ptr<const MappedRegion> image,
               const std::byte* base);

  const index::RowFormat format_;
  const uint32_t capacity_;
  VectorMemory memory_ = VectorMemory::kWarm;
  mutable std::atomic<uint32_t> single_rows_{0};  // read since the last were given back
  std::unique_ptr<index::GrowingRows> growing_;
  std::shared_ptr<const MappedRegion> image_;
  std::unique_ptr<index::RegionRows> region_;
  index::RowView view_;
  std::unique_ptr<RowBits> present_;
  std::atomic<uint32_t> absent_{0};
  Published<ColumnIndex> index_{std::make_shared<const ColumnIndex>()};
  std::mutex indexing_;
  std::shared_ptr<index::HnswIndex> growing_graph_;  // of the thread that indexes
  mutable Published<RecallTable> recall_;
};

// Writes a packed file image row by row.
class VectorColumnWriter {
 public:
  VectorColumnWriter(const index::RowFormat& format, uint32_t rows, ByteSink* sink);
  absl::Status Append(const std::byte* row);  // null for none
  absl::Status Finish();

 private:
  const size_t row_bytes_;
  CheckedSink sink_;
  std::string header_;
  std::string zeroes_;
  std::string present_;
  uint32_t written_ = 0;
};

}  // namespace lineal::engine
