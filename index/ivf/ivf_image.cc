#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/checked_image.h"
#include "base/coding.h"
#include "base/status.h"
#include "index/ivf/ivf_index.h"

namespace lineal::index {
namespace {

constexpr uint32_t kMagic = 0x31465649;  // "IVF1"
constexpr size_t kHeaderBytes = 64;

struct Header {
  RowFormat format;
  uint64_t seed = 0;
  uint32_t lists = 0, size = 0;
  uint64_t blocks = 0;

  std::string Bytes() const {
    std::string bytes;
    PutImageHead(&bytes, kMagic, format);
    PutFixed(&bytes, lists);
    PutFixed(&bytes, size);
    PutFixed(&bytes, uint32_t{0});
    PutFixed(&bytes, seed);
    PutFixed(&bytes, blocks);
    bytes.resize(kHeaderBytes, '\0');
    return bytes;
  }
  uint64_t centroid_bytes() const { return uint64_t{lists} * format.dim * sizeof(float); }
  uint64_t begin_bytes() const { return (uint64_t{lists} + 1) * sizeof(uint32_t); }
  uint64_t id_bytes() const { return uint64_t{size} * sizeof(uint32_t); }
  uint64_t block_bytes() const { return blocks * RabitqBlockBytes(format.dim); }
  uint64_t body_bytes() const { return centroid_bytes() + begin_bytes() + id_bytes() + block_bytes(); }
};

template <class T>
std::string_view BytesOf(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

template <class T>
std::vector<T> Copy(std::string_view bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

}  // namespace

absl::Status IvfIndex::Save(ByteSink* sink) const {
  const Header header{format_, seed_, lists(), size(), first_blocks_.back()};
  const std::string head = header.Bytes();
  const std::string_view parts[] = {
      head, BytesOf(centroids_), BytesOf(begins_), BytesOf(ids_), {blocks_.as<char>(), header.block_bytes()}};
  CheckedSink checked(sink);
  for (std::string_view part : parts) LINEAL_RETURN_IF_ERROR(checked.Append(part));
  return checked.Finish();
}

absl::StatusOr<std::unique_ptr<IvfIndex>> IvfIndex::Load(std::string_view image, const RowFormat& format,
                                                         const RowView& rows, uint32_t count) {
  if (image.size() < kHeaderBytes + 4) return DataLoss("lists file has ", image.size(), " bytes, less than a header");
  Reader reader(image.substr(0, kHeaderBytes));
  reader.Bytes(12);
  Header header{format, 0, 0, 0, 0};
  header.lists = reader.Fixed<uint32_t>();
  header.size = reader.Fixed<uint32_t>();
  reader.Bytes(4);
  header.seed = reader.Fixed<uint64_t>();
  header.blocks = reader.Fixed<uint64_t>();
  if (image.substr(0, kHeaderBytes) != header.Bytes()) return DataLoss("lists file is of another format");
  if (header.lists == 0 || header.size > count || header.blocks > uint64_t{header.lists} + header.size) {
    return DataLoss("lists file: ", header.lists, " lists and ", header.blocks, " blocks for ", header.size, " of ",
                    count, " rows");
  }
  const uint64_t own = kHeaderBytes + header.body_bytes();
  if (image.size() != own + 4) return DataLoss("lists file has ", image.size(), " bytes and wants ", own + 4);
  if (!ChecksumHolds(image)) return DataLoss("lists file: checksum differs");
  std::unique_ptr<IvfIndex> index(new IvfIndex(format, header.seed, rows));
  Reader body(image.substr(kHeaderBytes, header.body_bytes()));
  index->centroids_ = Copy<float>(body.Bytes(header.centroid_bytes()));
  index->begins_ = Copy<uint32_t>(body.Bytes(header.begin_bytes()));
  index->ids_ = Copy<LocalId>(body.Bytes(header.id_bytes()));
  for (float value : index->centroids_) {
    if (!std::isfinite(value)) return DataLoss("lists file: a centroid is not finite");
  }
  for (LocalId id : index->ids_) {
    if (Raw(id) >= count) return DataLoss("lists file: row ", Raw(id), " of ", count);
  }
  if (!std::is_sorted(index->begins_.begin(), index->begins_.end()) || index->begins_.front() != 0 ||
      index->begins_.back() != header.size) {
    return DataLoss("lists file: lists do not follow one another");
  }
  index->groups_ = ListGroups::Of(index->centroids_, format.dim);
  index->SetCenter();
  index->PlaceBlocks();
  if (index->first_blocks_.back() != header.blocks) return DataLoss("lists file: ", header.blocks, " blocks");
  if (header.blocks > 0) {
    std::memcpy(index->blocks_.as<char>(), body.Bytes(header.block_bytes()).data(), header.block_bytes());
  }
  return index;
}

}  // namespace lineal::index
