#include "engine/lineage/model_search.h"

#include <algorithm>
#include <compare>

namespace lineal::engine {
namespace {

char Folded(char letter, bool any_case) {
  return any_case && letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

// Where the character of UTF-8 after the one at `at` begins.
size_t NextCharacter(std::string_view text, size_t at) {
  ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at;
  return at;
}

bool ValueMatches(const ModelCondition& condition, const std::string& text) {
  const std::string_view first = condition.values.empty() ? std::string_view() : condition.values.front();
  switch (condition.match) {
    case ModelCondition::Match::kEqual:
      return text == first;
    case ModelCondition::Match::kNotEqual:
      return text != first;
    case ModelCondition::Match::kLike:
      return LikeMatches(text, first, false);
    case ModelCondition::Match::kLikeAnyCase:
      return LikeMatches(text, first, true);
    case ModelCondition::Match::kIn:
      return std::ranges::count(condition.values, text) > 0;
  }
  return false;
}

const std::string* FieldOf(ModelCondition::Field field, const RegisteredModel& model) {
  return field == ModelCondition::Field::kName ? &model.name : nullptr;
}

const std::string* FieldOf(ModelCondition::Field field, const ModelVersion& version) {
  switch (field) {
    case ModelCondition::Field::kName:
      return &version.id.model;
    case ModelCondition::Field::kRunId:
      return &version.run_id;
    case ModelCondition::Field::kSource:
      return &version.source;
    case ModelCondition::Field::kTag:
      break;
  }
  return nullptr;
}

template <class T>
bool MatchesQuery(const ModelQuery& query, const T& item) {
  for (const auto& [key, value] : query.without_tags) {
    const auto tag = item.tags.find(key);
    if (tag != item.tags.end() && tag->second == value) return false;
  }
  return std::ranges::all_of(query.conditions, [&](const ModelCondition& condition) {
    const std::string* text = FieldOf(condition.field, item);
    if (condition.field == ModelCondition::Field::kTag) {
      const auto tag = item.tags.find(condition.tag);
      text = tag == item.tags.end() ? nullptr : &tag->second;
    }
    return text != nullptr && ValueMatches(condition, *text);
  });
}

const std::string& NameOf(const RegisteredModel& model) { return model.name; }
const std::string& NameOf(const ModelVersion& version) { return version.id.model; }
uint64_t NumberOf(const RegisteredModel&) { return 0; }
uint64_t NumberOf(const ModelVersion& version) { return version.id.number; }

template <class T>
std::strong_ordering CompareBy(ModelOrder::By by, const T& a, const T& b) {
  switch (by) {
    case ModelOrder::By::kName:
      return NameOf(a) <=> NameOf(b);
    case ModelOrder::By::kNumber:
      return NumberOf(a) <=> NumberOf(b);
    case ModelOrder::By::kCreated:
      return a.created_ms <=> b.created_ms;
    case ModelOrder::By::kUpdated:
      return a.updated_ms <=> b.updated_ms;
  }
  return std::strong_ordering::equal;
}

template <class T>
bool Before(const std::vector<ModelOrder>& orders, const T& a, const T& b) {
  for (const ModelOrder& order : orders) {
    const auto compared = CompareBy(order.by, a, b);
    if (compared != 0) return order.descending ? compared > 0 : compared < 0;
  }
  if (NameOf(a) != NameOf(b)) return NameOf(a) < NameOf(b);
  return NumberOf(a) > NumberOf(b);
}

template <class T>
ModelPage<T> PageOf(const ModelQuery& query, std::vector<T> matched) {
  ModelPage<T> page;
  const uint64_t first = std::min<uint64_t>(query.offset, matched.size());
  const uint64_t end = first + std::min<uint64_t>(query.limit, matched.size() - first);
  const auto cut = matched.begin() + static_cast<ptrdiff_t>(end);
  std::partial_sort(matched.begin(), cut, matched.end(),
                    [&](const T& a, const T& b) { return Before(query.order, a, b); });
  page.more = end < matched.size();
  page.items.assign(std::make_move_iterator(matched.begin() + static_cast<ptrdiff_t>(first)),
                    std::make_move_iterator(cut));
  return page;
}

}  // namespace

bool LikeMatches(std::string_view text, std::string_view pattern, bool any_case) {
  size_t at = 0;
  size_t next = 0;
  // Where to go on if what follows the last % does not fit: it takes one character more.
  size_t retry_at = 0;
  size_t retry_next = std::string_view::npos;
  while (at < text.size()) {
    if (next < pattern.size() && pattern[next] == '%') {
      retry_next = ++next;
      retry_at = at;
    } else if (next < pattern.size() && pattern[next] == '_') {
      at = NextCharacter(text, at);
      ++next;
    } else if (next < pattern.size() && Folded(pattern[next], any_case) == Folded(text[at], any_case)) {
      ++at;
      ++next;
    } else if (retry_next != std::string_view::npos) {
      at = retry_at = NextCharacter(text, retry_at);
      next = retry_next;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('%', next) == std::string_view::npos;
}

bool Matches(const ModelQuery& query, const RegisteredModel& model) { return MatchesQuery(query, model); }
bool Matches(const ModelQuery& query, const ModelVersion& version) { return MatchesQuery(query, version); }

std::optional<std::string> OnlyName(const ModelQuery& query) {
  for (const ModelCondition& condition : query.conditions) {
    if (condition.field == ModelCondition::Field::kName && condition.match == ModelCondition::Match::kEqual &&
        !condition.values.empty()) {
      return condition.values.front();
    }
  }
  return std::nullopt;
}

ModelPage<RegisteredModel> TakePage(const ModelQuery& query, std::vector<RegisteredModel> matched) {
  return PageOf(query, std::move(matched));
}
ModelPage<ModelVersion> TakePage(const ModelQuery& query, std::vector<ModelVersion> matched) {
  return PageOf(query, std::move(matched));
}

}  // namespace lineal::engine
