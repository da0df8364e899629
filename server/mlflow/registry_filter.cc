#include "server/mlflow/registry_filter.h"

#include <algorithm>

#include "base/status.h"

namespace lineal::server::mlflow {
namespace {

using engine::ModelCondition;
using engine::ModelOrder;

constexpr size_t kConditionsMax = 1'024;

char Lower(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; }
bool Same(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, Lower, Lower); }
bool IsBlank(char letter) { return letter == ' ' || (letter >= '\t' && letter <= '\r'); }
// Of words that stand without quotes; what is no ASCII is a letter.
bool IsWord(char letter) {
  return (letter >= '0' && letter <= '9') || (Lower(letter) >= 'a' && Lower(letter) <= 'z') ||
         std::string_view("_-./:").find(letter) != std::string_view::npos ||
         (static_cast<unsigned char>(letter) & 0x80);
}

class FilterReader {
 public:
  FilterReader(std::string_view text, Searched what) : text_(text), what_(what) {}

  absl::StatusOr<std::vector<ModelCondition>> Read() {
    std::vector<ModelCondition> conditions;
    SkipBlanks();
    if (AtEnd()) return conditions;
    while (true) {
      LINEAL_ASSIGN_OR_RETURN(ModelCondition condition, Comparison());
      conditions.push_back(std::move(condition));
      if (conditions.size() > kConditionsMax) return Bad(StrCat("more than ", kConditionsMax, " comparisons"));
      SkipBlanks();
      if (AtEnd()) return conditions;
      const size_t before = at_;
      if (!Same(Word(), "AND")) {
        at_ = before;
        return Bad("expected AND or the end");
      }
    }
  }

 private:
  bool AtEnd() const { return at_ == text_.size(); }
  void SkipBlanks() {
    while (!AtEnd() && IsBlank(text_[at_])) ++at_;
  }
  bool Take(char letter) {
    SkipBlanks();
    if (AtEnd() || text_[at_] != letter) return false;
    ++at_;
    return true;
  }
  std::string_view Word() {
    SkipBlanks();
    const size_t first = at_;
    while (!AtEnd() && IsWord(text_[at_])) ++at_;
    return text_.substr(first, at_ - first);
  }
  absl::Status Bad(std::string_view problem) const {
    return InvalidArgument("Invalid filter '", text_, "': ", problem, " at character ", at_ + 1);
  }

  absl::StatusOr<std::string> Quoted(std::string_view quotes, std::string_view wanted) {
    SkipBlanks();
    if (AtEnd() || quotes.find(text_[at_]) == std::string_view::npos) return Bad(StrCat("expected ", wanted));
    const char quote = text_[at_];
    std::string out;
    for (size_t next = at_ + 1; next < text_.size(); ++next) {
      if (text_[next] != quote) {
        out.push_back(text_[next]);
      } else if (next + 1 < text_.size() && text_[next + 1] == quote) {
        out.push_back(quote);
        ++next;
      } else {
        at_ = next + 1;
        return out;
      }
    }
    return Bad("a quote that does not end");
  }
  absl::StatusOr<std::string> Text() { return Quoted("'\"", "a value in quotes"); }

  absl::StatusOr<ModelCondition> Comparison() {
    ModelCondition condition;
    LINEAL_RETURN_IF_ERROR(Field(&condition));
    LINEAL_RETURN_IF_ERROR(Operator(&condition));
    if (condition.match != ModelCondition::Match::kIn) {
      LINEAL_ASSIGN_OR_RETURN(std::string value, Text());
      condition.values.push_back(std::move(value));
      return condition;
    }
    if (!Take('(')) return Bad("expected ( after IN");
    do {
      LINEAL_ASSIGN_OR_RETURN(std::string value, Text());
      condition.values.push_back(std::move(value));
    } while (Take(','));
    if (!Take(')')) return Bad("expected , or )");
    return condition;
  }

  absl::Status Field(ModelCondition* condition) {
    SkipBlanks();
    const size_t first = at_;
    std::string_view word = Word();
    for (const std::string_view prefix : {"tags.", "tag."}) {
      if (!Same(word.substr(0, prefix.size()), prefix)) continue;
      condition->field = ModelCondition::Field::kTag;
      condition->tag = std::string(word.substr(prefix.size()));
      if (!condition->tag.empty()) return absl::OkStatus();
      LINEAL_ASSIGN_OR_RETURN(condition->tag, Quoted("`\"", "the key of a tag"));
      return absl::OkStatus();
    }
    for (const std::string_view prefix : {"attributes.", "attribute."}) {
      if (Same(word.substr(0, prefix.size()), prefix)) word.remove_prefix(prefix.size());
    }
    if (word == "name") {
      condition->field = ModelCondition::Field::kName;
    } else if (word == "run_id" && what_ == Searched::kVersions) {
      condition->field = ModelCondition::Field::kRunId;
    } else if (word == "source_path" && what_ == Searched::kVersions) {
      condition->field = ModelCondition::Field::kSource;
    } else {
      at_ = first;
      return Bad(what_ == Searched::kModels ? "expected name or tags.KEY"
                                            : "expected name, run_id, source_path or tags.KEY");
    }
    return absl::OkStatus();
  }

  absl::Status Operator(ModelCondition* condition) {
    SkipBlanks();
    const size_t first = at_;
    if (Take('=')) {
      condition->match = ModelCondition::Match::kEqual;
      return absl::OkStatus();
    }
    if (text_.substr(at_, 2) == "!=") {
      at_ += 2;
      condition->match = ModelCondition::Match::kNotEqual;
      return absl::OkStatus();
    }
    const std::string_view word = Word();
    if (Same(word, "LIKE")) {
      condition->match = ModelCondition::Match::kLike;
    } else if (Same(word, "ILIKE")) {
      condition->match = ModelCondition::Match::kLikeAnyCase;
    } else if (Same(word, "IN") && condition->field == ModelCondition::Field::kRunId) {
      condition->match = ModelCondition::Match::kIn;
    } else {
      at_ = first;
      return Bad("expected =, !=, LIKE or ILIKE, or of run_id IN,");
    }
    return absl::OkStatus();
  }

  const std::string_view text_;
  const Searched what_;
  size_t at_ = 0;
};

std::vector<std::string_view> WordsOf(std::string_view text) {
  std::vector<std::string_view> words;
  for (size_t at = 0; at < text.size();) {
    const size_t first = at;
    while (at < text.size() && !IsBlank(text[at])) ++at;
    if (at > first) words.push_back(text.substr(first, at - first));
    while (at < text.size() && IsBlank(text[at])) ++at;
  }
  return words;
}

absl::StatusOr<ModelOrder> ParseOne(const std::string& clause, Searched what) {
  const std::vector<std::string_view> words = WordsOf(clause);
  ModelOrder order;
  if (words.size() == 2) order.descending = Same(words[1], "DESC");
  if (words.empty() || words.size() > 2 || (words.size() == 2 && !order.descending && !Same(words[1], "ASC"))) {
    return InvalidArgument("Invalid order_by clause '", clause, "': expected a key, then ASC or DESC or nothing");
  }
  if (words[0] == "name") {
    order.by = ModelOrder::By::kName;
  } else if (words[0] == "version_number" && what == Searched::kVersions) {
    order.by = ModelOrder::By::kNumber;
  } else if (words[0] == "creation_timestamp") {
    order.by = ModelOrder::By::kCreated;
  } else if (words[0] == "last_updated_timestamp" || words[0] == "timestamp") {
    order.by = ModelOrder::By::kUpdated;
  } else {
    return InvalidArgument("Invalid order_by key '", words[0], "': expected name, ",
                           what == Searched::kVersions ? "version_number, " : "",
                           "creation_timestamp or last_updated_timestamp");
  }
  return order;
}

}  // namespace

absl::StatusOr<std::vector<ModelCondition>> ParseFilter(std::string_view text, Searched what) {
  return FilterReader(text, what).Read();
}

absl::StatusOr<std::vector<ModelOrder>> ParseOrder(const std::vector<std::string>& clauses, Searched what) {
  std::vector<ModelOrder> orders;
  for (const std::string& clause : clauses) {
    LINEAL_ASSIGN_OR_RETURN(const ModelOrder order, ParseOne(clause, what));
    if (std::ranges::count(orders, order.by, &ModelOrder::by) > 0) {
      return InvalidArgument("Invalid order_by clause '", clause, "': its key is there twice");
    }
    orders.push_back(order);
  }
  return orders;
}

}  // namespace lineal::server::mlflow
