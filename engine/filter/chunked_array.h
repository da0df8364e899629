// An array that grows at its end and never moves what it holds.
//
// Threads: one writer. A reader may look at elements whose number it learned from the writer through an atomic that
// was released after they were appended.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>

namespace lineal::engine {

template <class T>
class ChunkedArray {
 public:
  void Append(const T& value) {
    Place place = PlaceOf(size_);
    if (!chunks_[place.chunk]) {
      chunks_[place.chunk] = std::make_unique<T[]>(SizeOf(place.chunk));
      allocated_bytes_ += SizeOf(place.chunk) * sizeof(T);
    }
    chunks_[place.chunk][place.offset] = value;
    ++size_;
  }
  // Writer only.
  uint64_t size() const { return size_; }
  uint64_t allocated_bytes() const { return allocated_bytes_; }

  const T& operator[](uint64_t index) const {
    Place place = PlaceOf(index);
    return chunks_[place.chunk][place.offset];
  }
  // Calls `visit` with the elements of [0, count) in order.
  template <class Visit>
  void ForEach(uint64_t count, Visit&& visit) const {
    for (size_t chunk = 0; count > 0; ++chunk) {
      uint64_t here = std::min<uint64_t>(count, SizeOf(chunk));
      const T* elements = chunks_[chunk].get();
      for (uint64_t i = 0; i < here; ++i) visit(elements[i]);
      count -= here;
    }
  }

 private:
  // Each chunk is twice as long as the one before.
  static constexpr uint64_t kFirstSize = 256;
  static constexpr size_t kChunksMax = 48;
  struct Place {
    size_t chunk;
    uint64_t offset;
  };
  static uint64_t SizeOf(size_t chunk) { return kFirstSize << chunk; }
  static Place PlaceOf(uint64_t index) {
    uint64_t firsts = index / kFirstSize + 1;
    auto chunk = static_cast<size_t>(std::bit_width(firsts) - 1);
    return {chunk, index - kFirstSize * ((uint64_t{1} << chunk) - 1)};
  }

  std::array<std::unique_ptr<T[]>, kChunksMax> chunks_;
  uint64_t size_ = 0;
  uint64_t allocated_bytes_ = 0;
};

}  // namespace lineal::engine
