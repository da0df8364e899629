#include "engine/segment/vector_column.h"

#include <algorithm>

#include "base/check.h"
#include "base/coding.h"
#include "base/hash.h"
#include "base/status.h"
#include "engine/segment/column_pass.h"
#include "index/flat/code_scan.h"
#include "index/flat/flat_search.h"

namespace lineal::engine {
namespace {

constexpr uint32_t kMagic = 0x31434556;  // "VEC1"
constexpr size_t kHeaderBytes = 64;
// Single rows of a cold column that stay in memory before they are given back: a page or two each.
constexpr uint32_t kSingleRowsMax = 256;

}  // namespace

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

const std::byte* VectorColumn::Row(LocalId id) const {
  if (memory_ == VectorMemory::kCold && single_rows_.fetch_add(1, std::memory_order_relaxed) % kSingleRowsMax == 0) {
    Advise(Residence::kGivenBack, 0, capacity_);
  }
  return view_.at(id);
}

void VectorColumn::Advise(Residence residence, uint32_t begin, uint32_t end) const {
  if (memory_ != VectorMemory::kCold || begin >= end) return;
  const uint64_t row_bytes = view_.row_bytes();
  image_->Advise(residence, kHeaderBytes + begin * row_bytes, (end - begin) * row_bytes);
}

void VectorColumn::Append(const std::byte* row) {
  // Before the row can be found: zeroes are not to be taken for a vector.
  if (row == nullptr) absent_.fetch_add(1, std::memory_order_release);
  const LocalId id = growing_->Append(row);
  if (row != nullptr) present_->Set(id);
}

void VectorColumn::AttachGraph(std::unique_ptr<index::HnswIndex> graph, std::shared_ptr<const index::RowCodes> codes,
                               uint32_t indexed) {
  if (codes) graph->AttachCodes(codes);
  index_.Set(std::make_shared<const ColumnIndex>(
      ColumnIndex{.graph = std::move(graph), .codes = std::move(codes), .indexed = indexed}));
}

void VectorColumn::AttachLists(std::unique_ptr<index::IvfIndex> lists, std::shared_ptr<const index::RowCodes> codes,
                               uint32_t indexed) {
  if (codes) lists->AttachCodes(codes);
  index_.Set(std::make_shared<const ColumnIndex>(
      ColumnIndex{.lists = std::move(lists), .codes = std::move(codes), .indexed = indexed, .trained = indexed}));
}

void VectorColumn::AttachTenants(std::shared_ptr<TenantLists> tenants) {
  ColumnIndex with = *index();
  if (with.codes) tenants->AttachCodes(with.codes);
  with.tenants = std::move(tenants);
  index_.Set(std::make_shared<const ColumnIndex>(std::move(with)));
}

void VectorColumn::AttachCodes(std::shared_ptr<const index::RowCodes> codes) {
  index_.Set(std::make_shared<const ColumnIndex>(ColumnIndex{.codes = std::move(codes)}));
}

std::shared_ptr<const index::RowCodes> VectorColumn::Encode(uint32_t rows, const index::CodeBuild& build) const {
  return index::BuildRowCodes(
      format_, view_, rows, [this](LocalId id) { return Has(id); }, build);
}

absl::Status VectorColumn::GraphUpTo(uint32_t upto, const index::HnswParams& params,
                                     const index::HnswIndex::InsertOptions& options) {
  std::lock_guard lock(indexing_);
  const std::shared_ptr<const ColumnIndex> before = index();
  if (before->lists) return absl::OkStatus();
  if (!growing_graph_) growing_graph_ = index::HnswIndex::Create(format_, params, view_, capacity_);
  std::vector<LocalId> ids;
  for (uint32_t i = before->indexed; i < upto; ++i) {
    if (Has(LocalId{i})) ids.push_back(LocalId{i});
  }
  if (!ids.empty()) LINEAL_RETURN_IF_ERROR(growing_graph_->Insert(ids, options));
  index_.Set(std::make_shared<const ColumnIndex>(ColumnIndex{.graph = growing_graph_, .indexed = upto}));
  return absl::OkStatus();
}

absl::Status VectorColumn::ListUpTo(uint32_t upto, uint64_t seed, bool with_codes,
                                    const index::IvfBuildOptions& options) {
  std::lock_guard lock(indexing_);
  const std::shared_ptr<const ColumnIndex> before = index();
  if (before->graph) return absl::OkStatus();
  const GrowingSource source{.format = format_,
                             .rows = view_,
                             .capacity = capacity_,
                             .seed = seed,
                             .with_codes = with_codes,
                             .has = [this](LocalId id) { return Has(id); }};
  LINEAL_ASSIGN_OR_RETURN(std::shared_ptr<const ColumnIndex> after, GrowLists(*before, source, upto, options));
  index_.Set(std::move(after));
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

std::vector<index::Neighbor> VectorColumn::Search(const ColumnIndex& index, const index::Query& query, uint32_t rows,
                                                  const index::SearchParams& params) const {
  std::vector<index::Neighbor> found = index.Search(query, params);
  if (index.indexed >= rows) return found;
  // A growing graph has taken rows since, which the scan finds as well.
  std::erase_if(found, [&](const index::Neighbor& neighbor) { return Raw(neighbor.id) >= index.indexed; });
  index::SearchParams scan = params;
  const PresentAcceptor present(*present_, params.acceptor);
  if (!all_present()) scan.acceptor = &present;
  MergeNearest(index::ScanRange(query, view_, LocalId{index.indexed}, LocalId{rows}, scan), params.top_k, &found);
  return found;
}

std::vector<index::Neighbor> VectorColumn::ScanAll(const ColumnIndex& index, const index::Query& query, uint32_t rows,
                                                   const index::SearchParams& params, bool by_codes) const {
  index::SearchParams scan = params;
  const PresentAcceptor present(*present_, params.acceptor);
  if (!all_present()) scan.acceptor = &present;
  const LocalId coded{by_codes ? std::min(index.coded(), rows) : 0};
  std::vector<index::Neighbor> found;
  if (Raw(coded) > 0) found = index::ScanRangeByCodes(*index.codes, query, view_, LocalId{0}, coded, scan);
  if (Raw(coded) == 0) return ScanColumn(*this, query, rows, scan);
  MergeNearest(index::ScanRange(query, view_, coded, LocalId{rows}, scan), params.top_k, &found);
  return found;
}

std::vector<index::Neighbor> VectorColumn::ScanSome(const ColumnIndex& index, const index::Query& query,
                                                    std::span<const LocalId> ids, const index::SearchParams& params,
                                                    bool by_codes) const {
  index::SearchParams scan = params;
  const PresentAcceptor present(*present_, params.acceptor);
  if (!all_present()) scan.acceptor = &present;
  const auto behind = by_codes ? std::lower_bound(ids.begin(), ids.end(), LocalId{index.coded()}) : ids.begin();
  const auto coded = static_cast<size_t>(behind - ids.begin());
  std::vector<index::Neighbor> found;
  if (coded > 0) found = index::ScanListByCodes(*index.codes, query, view_, ids.first(coded), scan);
  MergeNearest(ScanColumn(*this, query, ids.subspan(coded), scan), params.top_k, &found);
  return found;
}

void VectorColumn::AddMemory(SegmentMemory* memory) const {
  (*memory)[SegmentMemoryKind::kRowBits] += present_->memory_bytes();
  if (growing_) (*memory)[SegmentMemoryKind::kVectors] += growing_->memory_bytes();
  const std::shared_ptr<const ColumnIndex> index = this->index();
  if (index->codes) (*memory)[SegmentMemoryKind::kCodes] += index->codes->memory_bytes();
  if (index->graph) {
    (*memory)[SegmentMemoryKind::kGraph] += index->graph->memory_bytes();
    (*memory)[SegmentMemoryKind::kSearchScratch] += index->graph->scratch_bytes();
  }
  if (index->lists) (*memory)[SegmentMemoryKind::kLists] += index->lists->memory_bytes();
  if (index->tenants) (*memory)[SegmentMemoryKind::kLists] += index->tenants->memory_bytes();
  if (index->listed_rows() != nullptr) (*memory)[SegmentMemoryKind::kLists] += index->listed_rows()->memory_bytes();
}

uint64_t VectorColumn::SealingBytes(uint32_t rows) const {
  const uint64_t code_bytes = index::CodesPay(format_, 8) ? index::CodeBytes(format_) + sizeof(int32_t) : 0;
  const uint64_t unindexed = rows - std::min(rows, indexed());
  if (!index::CanRabitq(format_)) return code_bytes * rows;
  return code_bytes * (rows + unindexed) + index::IvfIndex::BuildBytes(format_, rows) +
         index::IvfIndex::BuildBytes(format_, unindexed);
}

void VectorColumn::ForEachMapped(const std::function<void(std::string_view, std::string_view)>& visit) const {
  if (image_) visit(NameOf(SegmentMemoryKind::kVectors), image_->bytes());
  const std::shared_ptr<const ColumnIndex> index = this->index();
  if (index->graph && !index->graph->image().empty()) visit(NameOf(SegmentMemoryKind::kGraph), index->graph->image());
}

// Image: header of 64 bytes (magic, format, dim, rows), rows one after another, presence bits, CRC-32C of all of it.
namespace {

// Of all before the last four bytes. A cold file goes through memory piece by piece.
bool ChecksumHolds(const MappedRegion& image, VectorMemory memory) {
  constexpr uint64_t kPiece = uint64_t{4} << 20;
  const std::string_view bytes = image.bytes();
  const uint64_t size = bytes.size() - 4;
  uint32_t crc = 0;
  for (uint64_t at = 0; at < size; at += kPiece) {
    if (memory == VectorMemory::kCold) image.Advise(Residence::kSoon, at, kPiece);
    crc = Crc32c(bytes.substr(at, std::min(kPiece, size - at)), crc);
    if (memory == VectorMemory::kCold) image.Advise(Residence::kGivenBack, at, kPiece);
  }
  return crc == LoadFixed<uint32_t>(bytes.data() + size);
}

std::string HeaderOf(const index::RowFormat& format, uint32_t rows) {
  std::string header;
  index::PutImageHead(&header, kMagic, format);
  PutFixed(&header, rows);
  PutFixed(&header, static_cast<uint32_t>(format.row_bytes()));
  header.resize(kHeaderBytes, '\0');
  return header;
}

}  // namespace

absl::StatusOr<std::shared_ptr<VectorColumn>> VectorColumn::Load(std::shared_ptr<const MappedRegion> image,
                                                                 const index::RowFormat& format, uint32_t rows,
                                                                 VectorMemory memory) {
  const std::string_view bytes = image->bytes();
  if (memory == VectorMemory::kCold) image->Advise(Residence::kAtRandom, 0, bytes.size());
  const uint64_t row_bytes = format.row_bytes();
  const uint64_t bitmap_bytes = (uint64_t{rows} + 7) / 8;
  if (bytes.size() != kHeaderBytes + row_bytes * rows + bitmap_bytes + 4) {
    return DataLoss("vector file has ", bytes.size(), " bytes, ", rows, " rows want ",
                    kHeaderBytes + row_bytes * rows + bitmap_bytes + 4);
  }
  if (bytes.substr(0, kHeaderBytes) != HeaderOf(format, rows)) return DataLoss("vector file is of another format");
  if (!ChecksumHolds(*image, memory)) return DataLoss("vector file: checksum differs");
  if (memory == VectorMemory::kHot) image->Advise(Residence::kPresent, 0, bytes.size());
  const auto* base = reinterpret_cast<const std::byte*>(bytes.data() + kHeaderBytes);
  const char* bitmap = bytes.data() + kHeaderBytes + row_bytes * rows;
  std::shared_ptr<VectorColumn> column(new VectorColumn(format, rows, std::move(image), base));
  column->memory_ = memory;
  for (uint32_t i = 0; i < rows; ++i) {
    if (bitmap[i >> 3] >> (i & 7) & 1) column->present_->Set(LocalId{i});
  }
  column->absent_ = rows - column->present_->count();
  return column;
}

VectorColumnWriter::VectorColumnWriter(const index::RowFormat& format, uint32_t rows, ByteSink* sink)
    : row_bytes_(format.row_bytes()),
      sink_(sink),
      header_(HeaderOf(format, rows)),
      zeroes_(row_bytes_, '\0'),
      present_((uint64_t{rows} + 7) / 8, '\0') {}

absl::Status VectorColumnWriter::Append(const std::byte* row) {
  if (written_ == 0 && !header_.empty()) LINEAL_RETURN_IF_ERROR(sink_.Append(std::exchange(header_, {})));
  if (row != nullptr) {
    present_[written_ >> 3] = static_cast<char>(present_[written_ >> 3] | 1 << (written_ & 7));
  }
  ++written_;
  return sink_.Append(row == nullptr ? std::string_view(zeroes_)
                                     : std::string_view(reinterpret_cast<const char*>(row), row_bytes_));
}

absl::Status VectorColumnWriter::Finish() {
  if (!header_.empty()) LINEAL_RETURN_IF_ERROR(sink_.Append(std::exchange(header_, {})));
  LINEAL_RETURN_IF_ERROR(sink_.Append(present_));
  return sink_.Finish();
}

}  // namespace lineal::engine
