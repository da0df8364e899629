#include "index/vectors/growing_rows.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

#include "base/check.h"

namespace lineal::index {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

size_t AlignmentOf(size_t chunk_bytes) { return chunk_bytes >= kHugePage ? kHugePage : 64; }

size_t RoundedChunk(size_t bytes) {
  const size_t alignment = AlignmentOf(bytes);
  return (bytes + alignment - 1) / alignment * alignment;
}

std::byte* AllocateChunk(size_t bytes) {
  const size_t alignment = AlignmentOf(bytes);
  const size_t rounded = RoundedChunk(bytes);
  void* chunk = std::aligned_alloc(alignment, rounded);
  LINEAL_CHECK(chunk != nullptr);
  if (bytes >= kHugePage) madvise(chunk, rounded, MADV_HUGEPAGE);
  return static_cast<std::byte*>(chunk);
}

}  // namespace

GrowingRows::GrowingRows(size_t row_bytes, uint32_t capacity)
    : row_bytes_(row_bytes),
      capacity_(capacity),
      chunks_(std::make_unique<std::byte*[]>((static_cast<size_t>(capacity) >> kChunkShift) + 1)) {}

GrowingRows::~GrowingRows() {
  for (size_t i = 0; i <= capacity_ >> kChunkShift; ++i) std::free(chunks_[i]);
}

LocalId GrowingRows::Append(const std::byte* row) {
  const uint32_t id = size_.load(std::memory_order_relaxed);
  LINEAL_CHECK(id < capacity_);
  std::byte*& chunk = chunks_[id >> kChunkShift];
  // A row of no bytes still has an address.
  if (chunk == nullptr) chunk = AllocateChunk((row_bytes_ << kChunkShift) + (row_bytes_ == 0));
  std::byte* at = chunk + (id & ((1u << kChunkShift) - 1)) * row_bytes_;
  if (row != nullptr) {
    std::memcpy(at, row, row_bytes_);
  } else {
    std::memset(at, 0, row_bytes_);
  }
  size_.store(id + 1, std::memory_order_release);
  return LocalId{id};
}

uint64_t GrowingRows::memory_bytes() const {
  // A chunk of huge pages is there as a whole; pages of another come as rows touch them.
  const uint64_t rows = size();
  const uint64_t chunk_bytes = row_bytes_ << kChunkShift;
  const uint64_t chunks = (rows + (1u << kChunkShift) - 1) >> kChunkShift;
  const uint64_t used = chunk_bytes >= kHugePage ? chunks * RoundedChunk(chunk_bytes) : rows * row_bytes_;
  return used + ((capacity_ >> kChunkShift) + 1) * sizeof(std::byte*);
}

}  // namespace lineal::index
