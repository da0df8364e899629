#include "engine/segment/vector_column.h"

#include <algorithm>

#include "base/check.h"
#include "base/coding.h"
#include "base/hash.h"
#include "base/status.h"
#include "index/flat/flat_search.h"

namespace lineal::engine {

VectorColumn::VectorColumn(const index::RowFormat& format, uint32_t capacity)
    : format_(format),
      capacity_(capacity),
      growing_(std::make_unique<index::GrowingRows>(format.row_bytes(), capacity)),
      view_(growing_->view()),
      present_(std::make_unique<RowBits>(capacity)) {}

VectorColumn::VectorColumn(const index::RowFormat& format, uint32_t rows, std::shared_ptr<const MappedRegion> image,
                           const std::byte* base)
    : format_(format),
      capacity_(rows),
      image_(std::move(image)),
      region_(std::make_unique<index::RegionRows>(base, format.row_bytes())),
      view_(region_->view()),
      present_(std::make_unique<RowBits>(rows)) {}

void VectorColumn::Append(const std::byte* row) {
  const LocalId id = growing_->Append(row);
  if (row != nullptr) present_->Set(id);
}

void VectorColumn::AttachGraph(std::unique_ptr<index::HnswIndex> graph, std::shared_ptr<const index::Sq8Codes> codes,
                               uint32_t indexed) {
  codes_ = std::move(codes);
  graph_owner_ = std::move(graph);
  if (codes_) graph_owner_->AttachCodes(codes_);
  graph_.store(graph_owner_.get(), std::memory_order_release);
  indexed_.store(indexed, std::memory_order_release);
}

void VectorColumn::AttachLists(std::unique_ptr<index::IvfIndex> lists, std::shared_ptr<const index::Sq8Codes> codes,
                               uint32_t indexed) {
  codes_ = std::move(codes);
  lists_ = std::move(lists);
  lists_->AttachCodes(codes_);
  indexed_.store(indexed, std::memory_order_release);
}

std::pair<uint32_t, uint32_t> VectorColumn::IndexShape() const {
  if (lists_ != nullptr) return {0, lists_->lists()};
  return {graph()->params().m, graph()->params().ef_construct};
}

std::vector<index::Neighbor> VectorColumn::SearchIndex(const index::Query& query,
                                                       const index::SearchParams& params) const {
  return lists_ != nullptr ? lists_->Search(query, params) : graph()->Search(query, params);
}

std::shared_ptr<const index::Sq8Codes> VectorColumn::Encode(uint32_t rows, Executor* executor,
                                                            size_t parallelism) const {
  return index::Sq8Codes::Build(
      format_, view_, rows, [this](LocalId id) { return Has(id); }, executor, parallelism);
}

absl::Status VectorColumn::IndexUpTo(uint32_t upto, const index::HnswParams& params,
                                     const index::HnswIndex::InsertOptions& options) {
  if (!graph_owner_) graph_owner_ = index::HnswIndex::Create(format_, params, view_, capacity_);
  std::vector<LocalId> ids;
  for (uint32_t i = indexed(); i < upto; ++i) {
    if (Has(LocalId{i})) ids.push_back(LocalId{i});
  }
  if (!ids.empty()) LINEAL_RETURN_IF_ERROR(graph_owner_->Insert(ids, options));
  graph_.store(graph_owner_.get(), std::memory_order_release);
  indexed_.store(upto, std::memory_order_release);
  return absl::OkStatus();
}

namespace {

// Rows without the vector are zeroes in the packed rows: never to be found.
class PresentAcceptor final : public index::Acceptor {
 public:
  PresentAcceptor(const RowBits& present, const index::Acceptor* next) : present_(present), next_(next) {}
  bool Accepts(LocalId id) const override { return present_.Test(id) && (next_ == nullptr || next_->Accepts(id)); }

 private:
  const RowBits& present_;
  const index::Acceptor* next_;
};

}  // namespace

std::vector<index::Neighbor> VectorColumn::Search(const index::Query& query, uint32_t rows,
                                                  const index::SearchParams& params, bool exact) const {
  index::SearchParams scan = params;
  PresentAcceptor present(*present_, params.acceptor);
  if (present_->count() < rows) scan.acceptor = &present;
  if (exact || !has_index()) return index::ScanRange(query, view_, LocalId{0}, LocalId{rows}, scan);

  // indexed() is read before the search: rows indexed meanwhile may come twice and are told apart below.
  const uint32_t tail = std::min(indexed(), rows);
  std::vector<index::Neighbor> found = SearchIndex(query, params);
  if (tail < rows) {
    std::vector<index::Neighbor> behind = index::ScanRange(query, view_, LocalId{tail}, LocalId{rows}, scan);
    found.insert(found.end(), behind.begin(), behind.end());
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    if (found.size() > params.top_k) found.resize(params.top_k);
  }
  return found;
}

void VectorColumn::AddMemory(SegmentMemory* memory) const {
  (*memory)[SegmentMemoryKind::kRowBits] += present_->memory_bytes();
  if (growing_) (*memory)[SegmentMemoryKind::kVectors] += growing_->memory_bytes();
  if (codes_) (*memory)[SegmentMemoryKind::kCodes] += codes_->memory_bytes();
  if (const index::HnswIndex* graph = this->graph(); graph != nullptr) {
    (*memory)[SegmentMemoryKind::kGraph] += graph->memory_bytes();
    (*memory)[SegmentMemoryKind::kSearchScratch] += graph->scratch_bytes();
  }
  if (lists_) (*memory)[SegmentMemoryKind::kLists] += lists_->memory_bytes();
}

void VectorColumn::ForEachMapped(const std::function<void(std::string_view, std::string_view)>& visit) const {
  if (image_) visit(NameOf(SegmentMemoryKind::kVectors), image_->bytes());
  if (const index::HnswIndex* graph = this->graph(); graph != nullptr && !graph->image().empty()) {
    visit(NameOf(SegmentMemoryKind::kGraph), graph->image());
  }
}

// Image: header of 64 bytes (magic, format, dim, rows), rows one after another, presence bits, CRC-32C of all of it.
namespace {

constexpr uint32_t kMagic = 0x31434556;  // "VEC1"
constexpr size_t kHeaderBytes = 64;

std::string HeaderOf(const index::RowFormat& format, uint32_t rows) {
  std::string header;
  PutFixed(&header, kMagic);
  PutFixed(&header, static_cast<uint8_t>(format.type));
  PutFixed(&header, static_cast<uint8_t>(format.distance));
  PutFixed(&header, uint16_t{0});
  PutFixed(&header, format.dim);
  PutFixed(&header, rows);
  PutFixed(&header, static_cast<uint32_t>(format.row_bytes()));
  header.resize(kHeaderBytes, '\0');
  return header;
}

}  // namespace

absl::StatusOr<std::shared_ptr<VectorColumn>> VectorColumn::Load(std::shared_ptr<const MappedRegion> image,
                                                                 const index::RowFormat& format, uint32_t rows) {
  const std::string_view bytes = image->bytes();
  const uint64_t row_bytes = format.row_bytes();
  const uint64_t bitmap_bytes = (uint64_t{rows} + 7) / 8;
  if (bytes.size() != kHeaderBytes + row_bytes * rows + bitmap_bytes + 4) {
    return DataLoss("vector file has ", bytes.size(), " bytes, ", rows, " rows want ",
                    kHeaderBytes + row_bytes * rows + bitmap_bytes + 4);
  }
  if (bytes.substr(0, kHeaderBytes) != HeaderOf(format, rows)) return DataLoss("vector file is of another format");
  if (Crc32c(bytes.substr(0, bytes.size() - 4)) != LoadFixed<uint32_t>(bytes.end() - 4)) {
    return DataLoss("vector file: checksum differs");
  }
  const auto* base = reinterpret_cast<const std::byte*>(bytes.data() + kHeaderBytes);
  const char* bitmap = bytes.data() + kHeaderBytes + row_bytes * rows;
  std::shared_ptr<VectorColumn> column(new VectorColumn(format, rows, std::move(image), base));
  for (uint32_t i = 0; i < rows; ++i) {
    if (bitmap[i >> 3] >> (i & 7) & 1) column->present_->Set(LocalId{i});
  }
  return column;
}

VectorColumnWriter::VectorColumnWriter(const index::RowFormat& format, uint32_t rows, ByteSink* sink)
    : row_bytes_(format.row_bytes()),
      sink_(sink),
      header_(HeaderOf(format, rows)),
      zeroes_(row_bytes_, '\0'),
      present_((uint64_t{rows} + 7) / 8, '\0') {}

absl::Status VectorColumnWriter::Emit(std::string_view bytes) {
  crc_ = Crc32c(bytes, crc_);
  return sink_->Append(bytes);
}

absl::Status VectorColumnWriter::Append(const std::byte* row) {
  if (written_ == 0 && !header_.empty()) LINEAL_RETURN_IF_ERROR(Emit(std::exchange(header_, {})));
  if (row != nullptr) {
    present_[written_ >> 3] = static_cast<char>(present_[written_ >> 3] | 1 << (written_ & 7));
  }
  ++written_;
  return Emit(row == nullptr ? std::string_view(zeroes_)
                             : std::string_view(reinterpret_cast<const char*>(row), row_bytes_));
}

absl::Status VectorColumnWriter::Finish() {
  if (!header_.empty()) LINEAL_RETURN_IF_ERROR(Emit(std::exchange(header_, {})));
  LINEAL_RETURN_IF_ERROR(Emit(present_));
  std::string tail;
  PutFixed(&tail, crc_);
  return sink_->Append(tail);
}

}  // namespace lineal::engine
