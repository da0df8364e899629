// Loading believes nothing: after the checksums, every number that a search follows is checked against the bounds that
// the search relies on, so that an image made to deceive gives wrong answers at worst.
#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "base/status.h"
#include "index/hnsw/hnsw_image.h"
#include "index/hnsw/mapped_hnsw_index.h"

namespace lineal::index {
namespace {

absl::Status CheckHeader(HnswImageHeader header, uint64_t image_bytes, const RowFormat& format) {
  if (header.magic != kHnswImageMagic) return DataLoss("not a graph image");
  const uint32_t crc = std::exchange(header.header_crc, 0);
  if (Crc32c({reinterpret_cast<const char*>(&header), sizeof header}) != crc) {
    return DataLoss("the graph image's header does not match its checksum");
  }
  if (header.version != kHnswImageVersion) {
    return DataLoss("the graph image has version ", header.version, ", this program reads ", kHnswImageVersion);
  }
  if (header.element_type != static_cast<uint8_t>(format.type) ||
      header.distance != static_cast<uint8_t>(format.distance) || header.dim != format.dim) {
    return DataLoss("the graph image is for vectors of type ", header.element_type, ", distance ", header.distance,
                    " and dimension ", header.dim, ", wanted are ", static_cast<int>(format.type), ", ",
                    static_cast<int>(format.distance), " and ", format.dim);
  }
  if (header.m < 2 || header.m > kHnswMMax || header.rows >= (uint64_t{1} << 31) || header.nodes > header.rows) {
    return DataLoss("the graph image has m ", header.m, ", rows ", header.rows, " and nodes ", header.nodes);
  }
  const HnswImageLayout layout(header.m, header.rows, header.upper_slots);
  if (header.body_bytes != layout.end || image_bytes != sizeof header + layout.end) {
    return DataLoss("the graph image has ", image_bytes, " bytes, its header wants ", sizeof header + layout.end);
  }
  return absl::OkStatus();
}

bool LinksBelow(const uint32_t* links, uint64_t count, uint64_t rows) {
  uint32_t largest = 0;
  for (uint64_t i = 0; i < count; ++i) largest = std::max(largest, links[i]);
  return largest <= rows;
}

// Every state is a possible one, its lists lie among the slots, and a list on level n leads to nodes of level n.
absl::Status CheckUpperLayers(const GraphView& graph, uint32_t upper_slots) {
  for (uint32_t id = 0; id < graph.capacity; ++id) {
    const NodeState state = graph.StateOf(id);
    if (state.level() == 0) continue;
    if (graph.upper_slots[id] > upper_slots || state.level() > upper_slots - graph.upper_slots[id]) {
      return DataLoss("the graph image's node ", id, " lies outside of its upper layers");
    }
    for (uint32_t level = 1; level <= state.level(); ++level) {
      const uint32_t* links = graph.Links(id, level);
      for (uint32_t i = 0; i < graph.upper_max && links[i] != 0; ++i) {
        if (links[i] > graph.capacity || graph.StateOf(links[i] - 1).level() < level) {
          return DataLoss("the graph image's node ", id, " has a link to nowhere on level ", level);
        }
      }
    }
  }
  return absl::OkStatus();
}

struct NodeCount {
  uint64_t present = 0;
  bool has_removed = false;
};
NodeCount CountNodes(const GraphView& graph) {
  NodeCount count;
  for (uint32_t id = 0; id < graph.capacity; ++id) {
    const NodeState state = graph.StateOf(id);
    count.present += state.present();
    count.has_removed |= state.ever_present() && !state.present();
  }
  return count;
}

}  // namespace

absl::StatusOr<std::unique_ptr<HnswIndex>> HnswIndex::Load(std::shared_ptr<const MappedRegion> image,
                                                           const RowFormat& format, RowView rows, HnswStamp* stamp,
                                                           uint64_t row_count) {
  const std::string_view bytes = image->bytes();
  HnswImageHeader header;
  if (bytes.size() < sizeof header) return DataLoss("the graph image has ", bytes.size(), " bytes, less than a header");
  if (reinterpret_cast<uintptr_t>(bytes.data()) % alignof(uint64_t) != 0) {
    return InvalidArgument("a graph image must be mapped at a multiple of 8");
  }
  std::memcpy(&header, bytes.data(), sizeof header);
  LINEAL_RETURN_IF_ERROR(CheckHeader(header, bytes.size(), format));
  if (header.rows > row_count) {
    return DataLoss("the graph image is for ", header.rows, " rows, there are ", row_count);
  }
  const std::string_view body = bytes.substr(sizeof header);
  if (Crc32c(body) != header.body_crc) return DataLoss("the graph image does not match its checksum");

  const EntryPoint entry{header.entry_link, header.entry_level};
  const uint64_t packed = entry.Pack();
  const GraphView graph = ViewOfImage(header, body.data(), &packed);
  if (!LinksBelow(graph.bottom, header.rows * graph.bottom_stride, header.rows)) {
    return DataLoss("the graph image has a link beyond its rows");
  }
  LINEAL_RETURN_IF_ERROR(CheckUpperLayers(graph, header.upper_slots));
  const NodeCount nodes = CountNodes(graph);
  if (nodes.present != header.nodes || entry.empty() != (nodes.present == 0) || entry.link > header.rows ||
      (!entry.empty() && graph.StateOf(entry.id()).level() != entry.level)) {
    return DataLoss("the graph image's header and nodes contradict each other");
  }

  const HnswParams params{header.m, header.ef_construct, header.seed};
  *stamp = {format, params, header.watermark, header.rows};
  return std::make_unique<MappedHnswIndex>(std::move(image), header, format, params, rows, nodes.has_removed);
}

}  // namespace lineal::index
