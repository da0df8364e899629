// The sealed kind of payload index: answers from a mapped image.
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "base/status.h"
#include "engine/filter/field_image.h"
#include "engine/filter/field_index.h"
#include "engine/filter/field_index_sections.h"
#include "engine/filter/field_query.h"
#include "engine/filter/postings.h"
#include "engine/filter/row_list.h"
#include "engine/filter/tokens.h"

namespace lineal::engine {
namespace {

// Few of `limit` rows are sorted, many gathered.
constexpr size_t kFewShare = 1'024;

class SealedBase : public FieldIndex {
 public:
  FieldType type() const override { return header_.type; }
  std::optional<RowSet> Empty(uint32_t rows) const override { return Below(empty_, rows); }
  std::optional<RowSet> Null(uint32_t rows) const override { return Below(null_, rows); }
  uint64_t rows_with_value() const override { return header_.rows_with_value; }
  std::string_view image() const override { return region_->bytes(); }
  uint64_t memory_bytes() const override {
    return sizeof *this + empty_.getSizeInBytes() + null_.getSizeInBytes() + other_.getSizeInBytes();
  }

  // False if the sections are not what a builder wrote.
  bool Load(std::shared_ptr<const MappedRegion> region, const FieldImage& image) {
    region_ = std::move(region);
    header_ = image.header;
    return image.sections.size() >= kFamilySections && LoadSet(image.sections[kEmptySection], &empty_) &&
           LoadSet(image.sections[kNullSection], &null_) && LoadSet(image.sections[kOtherSection], &other_) &&
           LoadFamily(image.sections);
  }

 protected:
  virtual bool LoadFamily(const std::vector<std::string_view>& sections) = 0;

  bool LoadSet(std::string_view section, RowSet* set) const {
    auto list = RowList::Parse(section, total_rows());
    if (list) *set = list->ToSet();
    return list.has_value();
  }
  RowSet Below(RowSet set, uint32_t rows) const {
    if (rows >= total_rows()) return set;
    RowSet below;
    below.addRange(0, rows);
    return set & below;
  }
  uint32_t total_rows() const { return header_.rows; }
  const RowSet& other() const { return other_; }

 private:
  std::shared_ptr<const MappedRegion> region_;
  FieldImageHeader header_;
  RowSet empty_;
  RowSet null_;
  RowSet other_;
};

class TermIndex : public SealedBase {
 public:
  std::optional<RowSet> Match(const FieldCondition& condition, uint32_t rows) const override {
    auto query = TermQueryOf(type(), condition);
    if (!query) return std::nullopt;
    std::vector<size_t> terms;
    for (const std::string& text : query->terms) {
      if (auto term = postings_.Find(text)) terms.push_back(*term);
    }
    std::sort(terms.begin(), terms.end());
    RowSet match;
    for (size_t term : terms) postings_.AddTo(term, &match);
    return Below(query->except ? Except(terms, match) : match, rows);
  }
  void ForEachTerm(uint64_t rows_min,
                   const std::function<void(std::string_view, const RowSet&)>& visit) const override {
    for (size_t term = 0; term < postings_.terms(); ++term) {
      if (postings_.CountOf(term) < rows_min) continue;
      RowSet rows;
      postings_.AddTo(term, &rows);
      visit(postings_.TermAt(term), rows);
    }
  }
  uint64_t memory_bytes() const override {
    return SealedBase::memory_bytes() + with_terms_.getSizeInBytes() + many_.getSizeInBytes() +
           postings_.memory_bytes();
  }

 protected:
  bool LoadFamily(const std::vector<std::string_view>& sections) override {
    if (sections.size() != kTermPostings + kPostingsSections) return false;
    auto postings = Postings::Parse(&sections[kTermPostings], total_rows());
    if (!postings || !LoadSet(sections[kManyTermsSection], &many_)) return false;
    postings_ = *std::move(postings);
    std::vector<uint32_t> rows;
    for (size_t term = 0; term < postings_.terms(); ++term) {
      RowList list = postings_.ListOf(term);
      if (list.few()) {
        list.ForEach([&](uint32_t row) { rows.push_back(row); });
      } else {
        postings_.AddTo(term, &with_terms_);
      }
    }
    std::sort(rows.begin(), rows.end());
    with_terms_.addMany(rows.size(), rows.data());
    return true;
  }

 private:
  // Rows with an element that is none of `terms` (sorted); `listed` are the rows with one that is. A row with a single
  // term passes unless it is listed; those with several are looked up term by term.
  RowSet Except(const std::vector<size_t>& terms, const RowSet& listed) const {
    RowSet match = (with_terms_ - listed) | other();
    RowSet open = listed & many_;
    if (open.isEmpty()) return match;
    for (size_t term = 0; term < postings_.terms(); ++term) {
      if (std::binary_search(terms.begin(), terms.end(), term)) continue;
      RowList list = postings_.ListOf(term);
      if (list.few()) {
        list.ForEach([&](uint32_t row) {
          if (open.contains(row)) match.add(row);
        });
      } else {
        RowSet set;
        postings_.AddTo(term, &set);
        match |= set & open;
      }
    }
    return match;
  }

  Postings postings_;
  RowSet with_terms_;
  RowSet many_;
};

// Values in order beside their rows.
struct Places {
  size_t begin = 0, end = 0;
  size_t size() const { return end - begin; }
};

template <class T>
class SortedColumn {
 public:
  bool Load(std::string_view values, std::string_view rows, uint32_t limit) {
    if (!PackedArray<T>::Fits(values) || !PackedArray<uint32_t>::Fits(rows)) return false;
    values_ = PackedArray<T>(values);
    rows_ = PackedArray<uint32_t>(rows);
    if (values_.size() != rows_.size()) return false;
    for (size_t i = 0; i < values_.size(); ++i) {
      if (rows_[i] >= limit || std::isnan(static_cast<double>(values_[i]))) return false;
      if (i > 0 && std::pair(values_[i], rows_[i]) <= std::pair(values_[i - 1], rows_[i - 1])) return false;
    }
    return true;
  }
  size_t size() const { return values_.size(); }
  template <class Visit>
  void ForEachRow(Places places, Visit&& visit) const {
    for (size_t i = places.begin; i < places.end; ++i) visit(rows_[i]);
  }
  // The first place whose value fails; `holds` holds for a front part of the values only.
  template <class Holds>
  size_t FirstNot(Holds&& holds) const {
    size_t low = 0, high = size();
    while (low < high) {
      size_t middle = low + (high - low) / 2;
      if (holds(values_[middle])) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
  Places Range(const OrderedQuery& query) const {
    const size_t begin = FirstNot([&](T value) { return !query.AboveLower(value); });
    return {begin, std::max(begin, FirstNot([&](T value) { return query.BelowUpper(value); }))};
  }
  Places Equal(T wanted) const {
    const size_t begin = FirstNot([&](T value) { return value < wanted; });
    return {begin, FirstNot([&](T value) { return value <= wanted; })};
  }

 private:
  PackedArray<T> values_;
  PackedArray<uint32_t> rows_;
};

class OrderedIndex : public SealedBase {
 public:
  std::optional<RowSet> Match(const FieldCondition& condition, uint32_t rows) const override {
    auto query = OrderedQuery::Of(type(), condition);
    if (!query) return std::nullopt;
    switch (query->kind()) {
      case OrderedQuery::Kind::kAny:
      case OrderedQuery::Kind::kExcept:
        break;
      case OrderedQuery::Kind::kRange:
      case OrderedQuery::Kind::kDatetime:
        return Below(RowsAt({whole_.Range(*query)}, real_.Range(*query)), rows);
    }
    std::vector<Places> listed;
    for (int64_t value : query->integers()) listed.push_back(whole_.Equal(value));
    if (query->kind() == OrderedQuery::Kind::kAny) return Below(RowsAt(listed, {}), rows);
    // Repeated values are empty gaps.
    std::vector<Places> others;
    size_t begin = 0;
    for (const Places& places : listed) {
      others.push_back({begin, std::max(begin, places.begin)});
      begin = std::max(begin, places.end);
    }
    others.push_back({begin, whole_.size()});
    return Below(RowsAt(others, {0, real_.size()}) | other(), rows);
  }
  uint64_t memory_bytes() const override { return SealedBase::memory_bytes() + with_value_.getSizeInBytes(); }

 protected:
  bool LoadFamily(const std::vector<std::string_view>& sections) override {
    if (sections.size() != kRealRows + 1 || !whole_.Load(sections[kWholeValues], sections[kWholeRows], total_rows()) ||
        !real_.Load(sections[kRealValues], sections[kRealRows], total_rows())) {
      return false;
    }
    with_value_ = GatherAt({{0, whole_.size()}}, {0, real_.size()});
    with_value_.runOptimize();
    one_value_a_row_ = with_value_.cardinality() == whole_.size() + real_.size();
    return true;
  }

 private:
  // The rows of values at `whole`, which rise and do not overlap, and at `real`.
  RowSet RowsAt(const std::vector<Places>& whole, Places real) const {
    size_t count = real.size();
    for (const Places& places : whole) count += places.size();
    if (count < total_rows() / kFewShare) {
      std::vector<uint32_t> rows;
      ForEachRow(whole, real, [&](uint32_t row) { rows.push_back(row); });
      std::sort(rows.begin(), rows.end());
      return RowSet(rows.size(), rows.data());
    }
    // Of most rows, those that are not wanted are fewer.
    if (!one_value_a_row_ || count <= (whole_.size() + real_.size()) / 2) return GatherAt(whole, real);
    std::vector<Places> gaps;
    size_t begin = 0;
    for (const Places& places : whole) {
      gaps.push_back({begin, places.begin});
      begin = places.end;
    }
    gaps.push_back({begin, whole_.size()});
    RowGatherer unwanted(total_rows());
    const auto add = [&](uint32_t row) { unwanted.Add(row); };
    ForEachRow(gaps, {0, real.begin}, add);
    real_.ForEachRow({real.end, real_.size()}, add);
    return with_value_ - unwanted.Take();
  }
  RowSet GatherAt(const std::vector<Places>& whole, Places real) const {
    RowGatherer rows(total_rows());
    ForEachRow(whole, real, [&](uint32_t row) { rows.Add(row); });
    return rows.Take();
  }
  template <class Visit>
  void ForEachRow(const std::vector<Places>& whole, Places real, Visit&& visit) const {
    for (const Places& places : whole) whole_.ForEachRow(places, visit);
    real_.ForEachRow(real, visit);
  }

  SortedColumn<int64_t> whole_;
  SortedColumn<double> real_;
  RowSet with_value_;
  bool one_value_a_row_ = false;
};

class TextIndex : public SealedBase {
 public:
  std::optional<RowSet> Match(const FieldCondition& condition, uint32_t rows) const override {
    const auto* match = std::get_if<MatchText>(&condition.test);
    if (match == nullptr) return std::nullopt;
    auto texts = TextsWithAll(TokenSet(match->text));
    std::vector<uint32_t> found;
    for (uint32_t text : texts) found.push_back(text_rows_[text]);
    return Below(RowSet(found.size(), found.data()), rows);
  }
  uint64_t memory_bytes() const override { return SealedBase::memory_bytes() + postings_.memory_bytes(); }

 protected:
  bool LoadFamily(const std::vector<std::string_view>& sections) override {
    if (sections.size() != kTextPostings + kPostingsSections) return false;
    if (!PackedArray<uint32_t>::Fits(sections[kTextRows])) return false;
    text_rows_ = PackedArray<uint32_t>(sections[kTextRows]);
    for (size_t i = 0; i < text_rows_.size(); ++i) {
      if (text_rows_[i] >= total_rows() || (i > 0 && text_rows_[i] < text_rows_[i - 1])) return false;
    }
    auto postings = Postings::Parse(&sections[kTextPostings], static_cast<uint32_t>(text_rows_.size()));
    if (postings) postings_ = *std::move(postings);
    return postings.has_value();
  }

 private:
  // The rarest token first, so that the set at hand stays small.
  RowSet TextsWithAll(const std::vector<std::string>& tokens) const {
    std::vector<std::pair<uint64_t, size_t>> terms;
    for (const std::string& token : tokens) {
      auto term = postings_.Find(token);
      if (!term) return RowSet();
      terms.emplace_back(postings_.CountOf(*term), *term);
    }
    std::sort(terms.begin(), terms.end());
    RowSet texts;
    for (size_t i = 0; i < terms.size(); ++i) {
      RowSet with;
      postings_.AddTo(terms[i].second, &with);
      if (i == 0) {
        texts = std::move(with);
      } else {
        texts &= with;
      }
    }
    return texts;
  }

  PackedArray<uint32_t> text_rows_;
  Postings postings_;
};

std::unique_ptr<SealedBase> MakeIndex(FieldType type) {
  switch (FamilyOf(type)) {
    case FieldFamily::kTerms:
      return std::make_unique<TermIndex>();
    case FieldFamily::kOrdered:
      return std::make_unique<OrderedIndex>();
    case FieldFamily::kText:
      return std::make_unique<TextIndex>();
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<std::unique_ptr<FieldIndex>> LoadFieldIndex(std::shared_ptr<const MappedRegion> region,
                                                           std::string_view key, const FieldSchema& schema) {
  LINEAL_ASSIGN_OR_RETURN(FieldImage image, ReadFieldImage(region->bytes()));
  if (image.header.key != key || image.header.type != schema.type) {
    return DataLoss("payload index image is of ", NameOf(image.header.type), " field `", image.header.key,
                    "`, wanted is ", NameOf(schema.type), " field `", key, "`");
  }
  std::unique_ptr<SealedBase> index = MakeIndex(schema.type);
  if (!index->Load(std::move(region), image)) {
    return DataLoss("payload index image of field `", key, "` is damaged");
  }
  return index;
}

}  // namespace lineal::engine
