#include "index/hnsw/mapped_hnsw_index.h"

#include "base/status.h"

namespace lineal::index {

GraphView ViewOfImage(const HnswImageHeader& header, const char* body, const uint64_t* entry) {
  const HnswImageLayout layout(header.m, header.rows, header.upper_slots);
  GraphView view;
  view.bottom_max = 2 * header.m;
  view.upper_max = header.m;
  view.bottom_stride = GraphView::BottomStride(header.m);
  view.bottom = reinterpret_cast<const uint32_t*>(body);
  view.upper = reinterpret_cast<const uint32_t*>(body + layout.upper);
  view.upper_slots = reinterpret_cast<const uint32_t*>(body + layout.slots);
  view.states = reinterpret_cast<const uint8_t*>(body + layout.states);
  view.entry = entry;
  view.capacity = static_cast<uint32_t>(header.rows);
  return view;
}

MappedHnswIndex::MappedHnswIndex(std::shared_ptr<const MappedRegion> image, const HnswImageHeader& header,
                                 const RowFormat& format, const HnswParams& params, RowView rows, bool has_removed)
    : GraphIndex(format, params, rows, static_cast<uint32_t>(header.rows)),
      image_(std::move(image)),
      nodes_(header.nodes),
      upper_slots_(header.upper_slots),
      entry_(EntryPoint{header.entry_link, header.entry_level}.Pack()),
      has_removed_(has_removed),
      view_(ViewOfImage(header, image_->bytes().data() + sizeof header, &entry_)) {}

absl::Status MappedHnswIndex::Insert(std::span<const LocalId>, const InsertOptions&) {
  return FailedPrecondition("a saved graph is for searching only; copy it to go on building");
}

void MappedHnswIndex::Remove(LocalId) {}

}  // namespace lineal::index
