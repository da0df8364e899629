#include "engine/filter/row_list.h"

#include <algorithm>
#include <bit>
#include <vector>

namespace lineal::engine {

void AppendRowList(std::string* out, std::span<const uint32_t> rows, uint32_t limit) {
  size_t runs = 0;
  for (size_t i = 0; i < rows.size(); ++i) runs += i == 0 || rows[i] != rows[i - 1] + 1;
  size_t bit_words = (size_t{limit} + 31) / 32;
  if (rows.size() <= 2 * runs && rows.size() <= bit_words) {
    PutFixed(out, static_cast<uint32_t>(RowList::Form::kNumbers));
    for (uint32_t row : rows) PutFixed(out, row);
  } else if (2 * runs <= bit_words) {
    PutFixed(out, static_cast<uint32_t>(RowList::Form::kRuns));
    for (size_t i = 0; i < rows.size(); ++i) {
      if (i == 0 || rows[i] != rows[i - 1] + 1) PutFixed(out, rows[i]);
      if (i + 1 == rows.size() || rows[i + 1] != rows[i] + 1) PutFixed(out, rows[i]);
    }
  } else {
    PutFixed(out, static_cast<uint32_t>(RowList::Form::kBits));
    std::vector<uint32_t> words(bit_words);
    for (uint32_t row : rows) words[row / 32] |= 1u << row % 32;
    for (uint32_t word : words) PutFixed(out, word);
  }
}

std::optional<RowList> RowList::Parse(std::string_view bytes, uint32_t limit) {
  if (bytes.size() < 4 || !PackedArray<uint32_t>::Fits(bytes)) return std::nullopt;
  auto form = LoadFixed<uint32_t>(bytes.data());
  if (form > static_cast<uint32_t>(Form::kBits)) return std::nullopt;
  RowList list;
  list.form_ = static_cast<Form>(form);
  list.words_ = PackedArray<uint32_t>(bytes.substr(4));
  if (!list.Check(limit)) return std::nullopt;
  return list;
}

bool RowList::Check(uint32_t limit) {
  uint64_t from = 0;  // where the next number or run may begin
  switch (form_) {
    case Form::kNumbers:
      for (size_t i = 0; i < words_.size(); ++i) {
        if (words_[i] < from || words_[i] >= limit) return false;
        from = uint64_t{words_[i]} + 1;
      }
      count_ = static_cast<uint32_t>(words_.size());
      return true;
    case Form::kRuns:
      if (words_.size() % 2 != 0) return false;
      for (size_t i = 0; i < words_.size(); i += 2) {
        uint32_t first = words_[i], last = words_[i + 1];
        if (first < from || last < first || last >= limit) return false;
        count_ += last - first + 1;
        from = uint64_t{last} + 2;
      }
      return true;
    case Form::kBits:
      if (words_.size() != (size_t{limit} + 31) / 32) return false;
      for (size_t i = 0; i < words_.size(); ++i) count_ += static_cast<uint32_t>(std::popcount(words_[i]));
      return limit % 32 == 0 || words_[words_.size() - 1] >> limit % 32 == 0;
  }
  return false;
}

void RowList::AddTo(RowSet* rows) const {
  if (form_ == Form::kRuns) {
    for (size_t i = 0; i < words_.size(); i += 2) rows->addRange(words_[i], uint64_t{words_[i + 1]} + 1);
    return;
  }
  std::vector<uint32_t> numbers;
  numbers.reserve(count_);
  ForEach([&](uint32_t row) { numbers.push_back(row); });
  rows->addMany(numbers.size(), numbers.data());
}

}  // namespace lineal::engine
