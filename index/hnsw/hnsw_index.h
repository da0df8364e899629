// HNSW (Malkov and Yashunin, 2016) over rows that live elsewhere.
//
// Threads: any number may call Search() at any time. Only one thread at a time calls Insert() or Remove(); Insert() may
// spread its work over an executor. Readers never wait: a link list is replaced or extended with atomic stores, and a
// search sees each node either before or after.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "base/executor.h"
#include "base/io.h"
#include "index/quantizers/sq8_codes.h"
#include "index/vectors/neighbor.h"
#include "index/vectors/query.h"
#include "index/vectors/row_view.h"

namespace lineal::index {

struct HnswParams {
  uint32_t m = 16;  // links a node on the upper layers, 2 to 512; twice as many on the bottom
  uint32_t ef_construct = 100;
  uint64_t seed = 1;
};

// What an index was built for and up to.
struct HnswStamp {
  RowFormat format;
  HnswParams params;
  uint64_t watermark = 0;  // complete up to this seq
  uint64_t rows = 0;       // LocalIds below this may occur
};

class HnswIndex {
 public:
  // The nearest parameters that a graph can have; what Create() makes of those it is given.
  static HnswParams Sound(HnswParams params);
  // For LocalIds below `capacity`. `rows` must stay valid as long as the index.
  static std::unique_ptr<HnswIndex> Create(const RowFormat& format, const HnswParams& params, RowView rows,
                                           uint32_t capacity);
  virtual ~HnswIndex() = default;

  struct InsertOptions {
    Executor* executor = nullptr;                  // null: on the calling thread
    size_t parallelism = 1;                        // threads at most, the caller included
    const std::atomic<bool>* cancelled = nullptr;  // looked at between rows
    std::atomic<uint64_t>* progress = nullptr;     // rows inserted so far are added here
  };
  // Adds rows that are not in the graph yet. CANCELLED if told to stop: the graph is sound, with part of `ids` in it.
  virtual absl::Status Insert(std::span<const LocalId> ids, const InsertOptions& options) = 0;
  // Takes a row out and repairs the links around it. No effect if it is not in the graph.
  virtual void Remove(LocalId id) = 0;

  // Codes of all rows: searches walk by them from now on and rescore what they find by the rows, so that distances are
  // exact. Before the first search.
  virtual void AttachCodes(std::shared_ptr<const RowCodes> codes) = 0;

  virtual const HnswParams& params() const = 0;
  virtual bool Contains(LocalId id) const = 0;
  virtual uint64_t size() const = 0;
  // Of the graph, without rows and codes; and what searches keep for the next one. Threads: any.
  virtual uint64_t memory_bytes() const = 0;
  virtual uint64_t scratch_bytes() const = 0;
  // The mapped image that it lies in; empty for one in memory of its own.
  virtual std::string_view image() const = 0;
  // At most top_k accepted rows, nearest first. Rows not accepted are walked through but not returned.
  virtual std::vector<Neighbor> Search(const Query& query, const SearchParams& params) const = 0;

  // A checksummed image. No Insert or Remove may run meanwhile.
  virtual absl::Status Save(ByteSink* sink, uint64_t watermark) const = 0;
  // An index on a mapped image (at a multiple of 8), for Search only: Insert is refused with FAILED_PRECONDITION and
  // Remove does nothing. `stamp` receives what the image was made for; the caller compares params and watermark with
  // what it wants. DATA_LOSS, naming what differs, for a damaged image, one made for another format, or one for more
  // rows than `row_count`, the rows that `rows` holds. Whatever bytes were accepted, a search on them stays within
  // bounds.
  static absl::StatusOr<std::unique_ptr<HnswIndex>> Load(std::shared_ptr<const MappedRegion> image,
                                                         const RowFormat& format, RowView rows, HnswStamp* stamp,
                                                         uint64_t row_count = ~uint64_t{0});
  // An index that can grow, with the nodes of `from` under new ids: new_ids[old id], where kNoLocal (or an id beyond
  // the end) leaves a node out and repairs the links around it. `rows` are the new rows, complete for all new ids, and
  // no two old ids share a new one. What a merge starts from: the largest graph is copied, the other rows are inserted.
  // `from` is not changed meanwhile. `options.progress` is not used. CANCELLED if told to stop.
  static absl::StatusOr<std::unique_ptr<HnswIndex>> CopyRemapped(const HnswIndex& from,
                                                                 std::span<const LocalId> new_ids, RowView rows,
                                                                 uint32_t capacity, const InsertOptions& options);
};

}  // namespace lineal::index
