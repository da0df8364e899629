#include "index/ivf/listed_rows.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "base/coding.h"
#include "base/hash.h"
#include "base/status.h"
#include "index/vectors/page_array.h"

namespace lineal::index {
namespace {

constexpr uint32_t kMagic = 0x314c4252;  // "RBL1"
// A block more costs a request about 1 µs a KB, another request some 15 µs (`./dev bench disk`).
constexpr uint64_t kGapBlocksMax = 2;

uint64_t BlocksFor(uint64_t bytes) { return (bytes + kBlockBytes - 1) / kBlockBytes; }

std::string_view BytesOf(std::span<const LocalId> ids) {
  return {reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(LocalId)};
}

std::string HeaderOf(const RowFormat& format, std::span<const LocalId> ids) {
  std::string header;
  PutImageHead(&header, kMagic, format);
  PutFixed(&header, static_cast<uint32_t>(ids.size()));
  PutFixed(&header, static_cast<uint32_t>(format.row_bytes()));
  PutFixed(&header, Crc32c(BytesOf(ids)));
  header.resize(kBlockBytes - sizeof(uint32_t), '\0');
  PutFixed(&header, Crc32c(header));
  return header;
}

// Where what was read lies until the next read of the same thread.
std::byte* BufferOf(size_t bytes) {
  thread_local PageArray buffer;
  if (buffer.bytes() < bytes) {
    buffer = PageArray();
    buffer = PageArray(std::max(bytes, ListedRows::kBufferBytes));
  }
  return buffer.as<std::byte>();
}

// Cuts what it is given into blocks and remembers their checksums.
class BlockWriter {
 public:
  explicit BlockWriter(ByteSink* sink) : sink_(sink) {}
  absl::Status Append(std::string_view bytes) {
    while (!bytes.empty()) {
      const size_t some = std::min(bytes.size(), kBlockBytes - block_.size());
      block_.append(bytes.substr(0, some));
      bytes.remove_prefix(some);
      if (block_.size() == kBlockBytes) LINEAL_RETURN_IF_ERROR(Emit());
    }
    return absl::OkStatus();
  }
  absl::Status Finish() {
    if (!block_.empty()) LINEAL_RETURN_IF_ERROR(Emit());
    PutFixed(&checksums_, Crc32c(checksums_));
    checksums_.resize(BlocksFor(checksums_.size()) * kBlockBytes, '\0');
    return sink_->Append(checksums_);
  }

 private:
  absl::Status Emit() {
    block_.resize(kBlockBytes, '\0');
    PutFixed(&checksums_, Crc32c(block_));
    LINEAL_RETURN_IF_ERROR(sink_->Append(block_));
    block_.clear();
    return absl::OkStatus();
  }

  ByteSink* const sink_;
  std::string block_, checksums_;
};

}  // namespace

absl::Status ListedRows::Save(const RowFormat& format, const RowView& rows, std::span<const LocalId> ids,
                              ByteSink* sink) {
  LINEAL_RETURN_IF_ERROR(sink->Append(HeaderOf(format, ids)));
  BlockWriter writer(sink);
  for (LocalId id : ids) {
    LINEAL_RETURN_IF_ERROR(writer.Append({reinterpret_cast<const char*>(rows.at(id)), rows.row_bytes()}));
  }
  return writer.Finish();
}

ListedRows::ListedRows(std::shared_ptr<const BlockReader> file, const RowFormat& format, uint32_t rows)
    : file_(std::move(file)), row_bytes_(format.row_bytes()), rows_(rows) {}

absl::StatusOr<std::shared_ptr<const ListedRows>> ListedRows::Open(std::shared_ptr<const BlockReader> file,
                                                                   const RowFormat& format,
                                                                   std::span<const LocalId> ids) {
  const uint64_t blocks = BlocksFor(uint64_t{ids.size()} * format.row_bytes());
  const uint64_t tail_blocks = BlocksFor((blocks + 1) * sizeof(uint32_t));
  if (file->size() != (1 + blocks + tail_blocks) * kBlockBytes) {
    return DataLoss(file->name(), " has ", file->size(), " bytes and wants ", (1 + blocks + tail_blocks) * kBlockBytes);
  }
  const PageArray bytes((1 + tail_blocks) * kBlockBytes);
  auto* at = bytes.as<std::byte>();
  const BlockRequest requests[] = {{0, kBlockBytes, at},
                                   {(1 + blocks) * kBlockBytes, tail_blocks * kBlockBytes, at + kBlockBytes}};
  LINEAL_RETURN_IF_ERROR(file->Read(requests));
  if (std::string_view(bytes.as<char>(), kBlockBytes) != HeaderOf(format, ids)) {
    return DataLoss(file->name(), " is of another format or of other lists");
  }
  const std::string_view table(bytes.as<char>() + kBlockBytes, blocks * sizeof(uint32_t));
  if (Crc32c(table) != LoadFixed<uint32_t>(table.data() + table.size())) {
    return DataLoss(file->name(), ": the checksum of checksums differs");
  }
  std::shared_ptr<ListedRows> rows(new ListedRows(std::move(file), format, static_cast<uint32_t>(ids.size())));
  rows->checksums_.resize(blocks);
  if (blocks > 0) std::memcpy(rows->checksums_.data(), table.data(), table.size());
  return rows;
}

// Takes as many places as fit into a buffer, at least one.
size_t ListedRows::PlanRuns(std::span<const uint32_t> places, std::vector<Run>* runs) const {
  runs->clear();
  uint64_t blocks = 0;
  size_t taken = 0;
  for (; taken < places.size(); ++taken) {
    const uint64_t first = uint64_t{places[taken]} * row_bytes_;
    const Run own{first / kBlockBytes, BlocksFor(first + row_bytes_)};
    const bool joins = !runs->empty() && own.begin <= runs->back().end + kGapBlocksMax;
    blocks += own.end - (joins ? std::min(own.end, runs->back().end) : own.begin);
    if (taken > 0 && blocks * kBlockBytes > kBufferBytes) break;
    if (joins) {
      runs->back().end = std::max(runs->back().end, own.end);
    } else {
      runs->push_back(own);
    }
  }
  return taken;
}

absl::Status ListedRows::Check(const Run& run, const std::byte* bytes) const {
  for (uint64_t block = run.begin; block < run.end; ++block, bytes += kBlockBytes) {
    if (Crc32c({reinterpret_cast<const char*>(bytes), kBlockBytes}) == checksums_[block]) continue;
    damaged_.store(true, std::memory_order_relaxed);
    return DataLoss(file_->name(), " at ", (1 + block) * kBlockBytes, ": checksum differs");
  }
  return absl::OkStatus();
}

// Returns the place behind the last row of the run, or `from` if that is greater.
uint32_t ListedRows::VisitRun(const Run& run, const std::byte* bytes, uint32_t from, const Visit& visit) const {
  const uint64_t begin = run.begin * kBlockBytes;
  const uint64_t first = std::max<uint64_t>(from, (begin + row_bytes_ - 1) / row_bytes_);
  const uint64_t end = std::min<uint64_t>(rows_, run.end * kBlockBytes / row_bytes_);
  if (first >= end) return from;
  visit(static_cast<uint32_t>(first), bytes + (first * row_bytes_ - begin), static_cast<uint32_t>(end - first));
  return static_cast<uint32_t>(end);
}

absl::Status ListedRows::Read(std::span<const uint32_t> places, const Visit& visit, SearchWork* work) const {
  std::vector<Run> runs;
  std::vector<BlockRequest> requests;
  uint32_t next = 0;  // rows before it have been visited
  while (!places.empty()) {
    places = places.subspan(PlanRuns(places, &runs));
    size_t bytes = 0;
    for (const Run& run : runs) bytes += (run.end - run.begin) * kBlockBytes;
    std::byte* const buffer = BufferOf(bytes);
    requests.clear();
    bytes = 0;
    for (const Run& run : runs) {
      const size_t own = (run.end - run.begin) * kBlockBytes;
      requests.push_back({(1 + run.begin) * kBlockBytes, own, buffer + bytes});
      bytes += own;
    }
    if (work != nullptr) work->reads += requests.size(), work->bytes_read += bytes;
    LINEAL_RETURN_IF_ERROR(file_->Read(requests));
    for (size_t i = 0; i < runs.size(); ++i) {
      LINEAL_RETURN_IF_ERROR(Check(runs[i], requests[i].to));
      next = VisitRun(runs[i], requests[i].to, next, visit);
    }
  }
  return absl::OkStatus();
}

}  // namespace lineal::index
