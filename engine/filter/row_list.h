// A set of numbers below a limit as it lies in an image: rising numbers, runs, or bits, whichever is shortest. Nothing
// of it is believed before it was checked.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/coding.h"
#include "engine/filter/row_set.h"

namespace lineal::engine {

// Fixed-size little-endian values inside bytes of any alignment. Borrows the bytes.
template <class T>
class PackedArray {
 public:
  PackedArray() = default;
  explicit PackedArray(std::string_view bytes) : bytes_(bytes) {}
  static bool Fits(std::string_view bytes) { return bytes.size() % sizeof(T) == 0; }
  size_t size() const { return bytes_.size() / sizeof(T); }
  T operator[](size_t i) const { return LoadFixed<T>(bytes_.data() + i * sizeof(T)); }

 private:
  std::string_view bytes_;
};

// Writes `rows` (strictly rising, below `limit`); a multiple of four bytes.
void AppendRowList(std::string* out, std::span<const uint32_t> rows, uint32_t limit);

// Borrows the bytes of the image.
class RowList {
 public:
  // Nothing if AppendRowList() with this limit wrote no such bytes.
  static std::optional<RowList> Parse(std::string_view bytes, uint32_t limit);

  // Whether it takes so long to make a set of it that the set is worth keeping. A set costs memory by the limit, so
  // that a few long runs, which are quickly added, do not count.
  bool dense() const { return form_ == Form::kBits || (form_ == Form::kRuns && words_.size() >= kManyWords); }
  bool few() const { return form_ == Form::kNumbers; }
  uint32_t count() const { return count_; }
  void AddTo(RowSet* rows) const;
  RowSet ToSet() const {
    RowSet rows;
    AddTo(&rows);
    return rows;
  }
  template <class Visit>
  void ForEach(Visit&& visit) const {
    switch (form_) {
      case Form::kNumbers:
        for (size_t i = 0; i < words_.size(); ++i) visit(words_[i]);
        return;
      case Form::kRuns:
        for (size_t i = 0; i < words_.size(); i += 2) {
          for (uint32_t row = words_[i]; row <= words_[i + 1]; ++row) visit(row);
        }
        return;
      case Form::kBits:
        for (size_t i = 0; i < words_.size(); ++i) {
          for (uint32_t word = words_[i]; word != 0; word &= word - 1) {
            visit(static_cast<uint32_t>(i * 32) + static_cast<uint32_t>(std::countr_zero(word)));
          }
        }
        return;
    }
  }

 private:
  enum class Form : uint32_t { kNumbers, kRuns, kBits };
  friend void AppendRowList(std::string* out, std::span<const uint32_t> rows, uint32_t limit);
  bool Check(uint32_t limit);
  static constexpr size_t kManyWords = 4096;

  Form form_ = Form::kNumbers;
  PackedArray<uint32_t> words_;
  uint32_t count_ = 0;
};

}  // namespace lineal::engine
