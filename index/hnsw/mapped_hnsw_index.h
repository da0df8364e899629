// An HNSW that lies in a mapped image, for searching only. Nothing of it is copied.
//
// Threads: any.
#pragma once

#include <memory>

#include "index/hnsw/graph_index.h"
#include "index/hnsw/hnsw_image.h"

namespace lineal::index {

class MappedHnswIndex final : public GraphIndex {
 public:
  // The image was checked: every list that a search can reach lies within it and leads to rows below header.rows.
  MappedHnswIndex(std::shared_ptr<const MappedRegion> image, const HnswImageHeader& header, const RowFormat& format,
                  const HnswParams& params, RowView rows, bool has_removed);

  absl::Status Insert(std::span<const LocalId> ids, const InsertOptions& options) override;
  void Remove(LocalId id) override;
  uint64_t size() const override { return nodes_; }
  uint64_t memory_bytes() const override { return 0; }
  std::string_view image() const override { return image_->bytes(); }

  const GraphView& view() const override { return view_; }
  uint32_t id_bound() const override { return view_.capacity; }
  uint32_t upper_slots_used() const override { return upper_slots_; }
  bool has_removed() const override { return has_removed_; }

 private:
  const std::shared_ptr<const MappedRegion> image_;
  const uint64_t nodes_;
  const uint32_t upper_slots_;
  const uint64_t entry_;
  const bool has_removed_;
  GraphView view_;
};

// The graph inside an image of this header.
GraphView ViewOfImage(const HnswImageHeader& header, const char* body, const uint64_t* entry);

}  // namespace lineal::index
