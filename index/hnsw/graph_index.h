// What an index that grows and one that lies in a mapped image have in common: searching, saving, being copied.
//
// Threads: as HnswIndex.
#pragma once

#include "index/hnsw/graph_view.h"
#include "index/hnsw/hnsw_index.h"
#include "index/hnsw/search_scratch.h"

namespace lineal::index {

class GraphIndex : public HnswIndex {
 public:
  GraphIndex(const RowFormat& format, const HnswParams& params, RowView rows, uint32_t capacity)
      : format_(format), params_(params), rows_(rows), scratches_(capacity) {}

  // The graph and how much of its arrays is in use.
  virtual const GraphView& view() const = 0;
  virtual uint32_t id_bound() const = 0;
  virtual uint32_t upper_slots_used() const = 0;
  // Whether a link may lead to a node that was removed.
  virtual bool has_removed() const = 0;

  bool Contains(LocalId id) const override;
  std::vector<Neighbor> Search(const Query& query, const SearchParams& params) const override;
  absl::Status Save(ByteSink* sink, uint64_t watermark) const override;

  uint64_t scratch_bytes() const override { return scratches_.memory_bytes(); }

  const RowFormat& format() const { return format_; }
  const HnswParams& params() const override { return params_; }

  void AttachCodes(std::shared_ptr<const RowCodes> codes) override { codes_ = std::move(codes); }

 private:
  template <class Measure>
  std::vector<Neighbor> Walk(EntryPoint entry, const Measure& measure, const SearchParams& params) const;
  std::vector<Neighbor> SearchFrom(EntryPoint entry, const Query& query, const SearchParams& params) const;

 protected:
  const RowFormat format_;
  const HnswParams params_;
  const RowView rows_;
  std::shared_ptr<const RowCodes> codes_;
  mutable ScratchPool scratches_;
};

}  // namespace lineal::index
