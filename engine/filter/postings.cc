#include "engine/filter/postings.h"

#include <algorithm>

#include "base/check.h"

namespace lineal::engine {

void PostingsBuilder::Add(std::string_view term, uint32_t number) {
  auto at = terms_.find(term);
  if (at == terms_.end()) {
    at = terms_.emplace(std::string(term), static_cast<uint32_t>(terms_.size())).first;
    if (term.size() > std::string().capacity()) term_bytes_ += term.size() + 1;
  }
  occurrences_.emplace_back(at->second, number);
}

uint64_t PostingsBuilder::memory_bytes() const {
  constexpr size_t kSlot = sizeof(std::pair<std::string, uint32_t>) + 1;
  return terms_.capacity() * kSlot + term_bytes_ + occurrences_.capacity() * sizeof(occurrences_[0]);
}

void PostingsBuilder::Finish(uint32_t limit, std::vector<std::string>* sections) const {
  std::vector<std::pair<std::string_view, uint32_t>> sorted;
  sorted.reserve(terms_.size());
  for (const auto& [term, id] : terms_) sorted.emplace_back(term, id);
  std::sort(sorted.begin(), sorted.end());

  // Numbers grouped by term: begins[id] .. begins[id + 1].
  std::vector<size_t> begins(terms_.size() + 2);
  for (const auto& [id, number] : occurrences_) ++begins[id + 2];
  for (size_t i = 2; i < begins.size(); ++i) begins[i] += begins[i - 1];
  std::vector<uint32_t> numbers(occurrences_.size());
  for (const auto& [id, number] : occurrences_) numbers[begins[id + 1]++] = number;

  std::string term_ends, term_bytes, list_ends, list_bytes;
  for (const auto& [term, id] : sorted) {
    auto first = numbers.begin() + static_cast<ptrdiff_t>(begins[id]);
    auto last = std::unique(first, numbers.begin() + static_cast<ptrdiff_t>(begins[id + 1]));
    term_bytes.append(term);
    PutFixed<uint64_t>(&term_ends, term_bytes.size());
    AppendRowList(&list_bytes, std::span(first, last), limit);
    PutFixed<uint64_t>(&list_ends, list_bytes.size());
  }
  for (std::string* section : {&term_ends, &term_bytes, &list_ends, &list_bytes}) {
    sections->push_back(std::move(*section));
  }
}

std::optional<Postings> Postings::Parse(const std::string_view* sections, uint32_t limit) {
  if (!PackedArray<uint64_t>::Fits(sections[0]) || sections[0].size() != sections[2].size()) return std::nullopt;
  Postings postings;
  postings.limit_ = limit;
  postings.term_ends_ = PackedArray<uint64_t>(sections[0]);
  postings.term_bytes_ = sections[1];
  postings.list_ends_ = PackedArray<uint64_t>(sections[2]);
  postings.list_bytes_ = sections[3];
  uint64_t term_begin = 0, list_begin = 0;
  for (size_t i = 0; i < postings.terms(); ++i) {
    uint64_t term_end = postings.term_ends_[i], list_end = postings.list_ends_[i];
    if (term_end < term_begin || term_end > sections[1].size()) return std::nullopt;
    if (list_end < list_begin || list_end > sections[3].size()) return std::nullopt;
    if (i > 0 && postings.TermAt(i) <= postings.TermAt(i - 1)) return std::nullopt;
    auto list = RowList::Parse(postings.ListBytes(i), limit);
    if (!list || list->count() == 0) return std::nullopt;
    if (list->dense()) postings.dense_[i] = list->ToSet();
    term_begin = term_end;
    list_begin = list_end;
  }
  if (term_begin != sections[1].size() || list_begin != sections[3].size()) return std::nullopt;
  return postings;
}

std::string_view Postings::TermAt(size_t term) const {
  uint64_t begin = term == 0 ? 0 : term_ends_[term - 1];
  return term_bytes_.substr(begin, term_ends_[term] - begin);
}
std::string_view Postings::ListBytes(size_t term) const {
  uint64_t begin = term == 0 ? 0 : list_ends_[term - 1];
  return list_bytes_.substr(begin, list_ends_[term] - begin);
}

std::optional<size_t> Postings::Find(std::string_view term) const {
  size_t low = 0, high = terms();
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (TermAt(middle) < term) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == terms() || TermAt(low) != term) return std::nullopt;
  return low;
}

RowList Postings::ListOf(size_t term) const {
  auto list = RowList::Parse(ListBytes(term), limit_);
  LINEAL_CHECK(list);  // Parse() has seen it, and a mapped image does not change
  return *list;
}

void Postings::AddTo(size_t term, RowSet* numbers) const {
  if (auto dense = dense_.find(term); dense != dense_.end()) {
    *numbers |= dense->second;
  } else {
    ListOf(term).AddTo(numbers);
  }
}

uint64_t Postings::memory_bytes() const {
  uint64_t bytes = dense_.size() * (sizeof(RowSet) + sizeof(size_t));
  for (const auto& [term, set] : dense_) bytes += set.getSizeInBytes();
  return bytes;
}

}  // namespace lineal::engine
