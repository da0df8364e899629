#include <span>
#include <string_view>

#include "base/hash.h"
#include "base/status.h"
#include "index/hnsw/graph_index.h"
#include "index/hnsw/hnsw_image.h"

namespace lineal::index {
namespace {

// Small enough to be still in the cache when the sink copies it, large enough to be one write.
constexpr size_t kPiece = size_t{1} << 20;

template <class T>
std::string_view Bytes(const T* at, uint64_t count) {
  return {reinterpret_cast<const char*>(at), count * sizeof(T)};
}

}  // namespace

absl::Status GraphIndex::Save(ByteSink* sink, uint64_t watermark) const {
  const GraphView& graph = view();
  const uint64_t rows = id_bound();
  const std::string_view parts[] = {Bytes(graph.bottom, rows * graph.bottom_stride),
                                    Bytes(graph.upper, uint64_t{upper_slots_used()} * graph.upper_max),
                                    Bytes(graph.upper_slots, rows), Bytes(graph.states, rows)};
  HnswImageHeader header;
  header.element_type = static_cast<uint8_t>(format_.type);
  header.distance = static_cast<uint8_t>(format_.distance);
  header.dim = format_.dim;
  header.m = params_.m;
  header.ef_construct = params_.ef_construct;
  header.seed = params_.seed;
  header.watermark = watermark;
  header.rows = rows;
  header.nodes = size();
  header.entry_link = graph.Entry().link;
  header.entry_level = graph.Entry().level;
  header.upper_slots = upper_slots_used();
  for (std::string_view part : parts) {
    header.body_crc = Crc32c(part, header.body_crc);
    header.body_bytes += part.size();
  }
  header.header_crc = Crc32c(Bytes(&header, 1));
  LINEAL_RETURN_IF_ERROR(sink->Append(Bytes(&header, 1)));
  for (std::string_view part : parts) {
    for (; !part.empty(); part.remove_prefix(std::min(kPiece, part.size()))) {
      LINEAL_RETURN_IF_ERROR(sink->Append(part.substr(0, kPiece)));
    }
  }
  return absl::OkStatus();
}

}  // namespace lineal::index
