// The growing kind of payload index: what rows hold, row after row, looked through on every question.
#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "absl/container/flat_hash_set.h"
#include "base/check.h"
#include "base/hash.h"
#include "engine/filter/chunked_array.h"
#include "engine/filter/field_index.h"
#include "engine/filter/field_query.h"
#include "engine/filter/field_values.h"
#include "engine/filter/tokens.h"

namespace lineal::engine {
namespace {

// Each distinct text once, where it stays. Writer only; what it returns may be read by anyone.
class TextPool {
 public:
  const std::string* Keep(std::string text) {
    auto [at, added] = texts_.insert(std::move(text));
    if (added) bytes_ += sizeof(std::string) + 16 + at->capacity();
    return &*at;
  }
  uint64_t bytes() const { return bytes_; }

 private:
  std::unordered_set<std::string> texts_;
  uint64_t bytes_ = 0;
};

class ColumnBase : public FieldColumn {
 public:
  ColumnBase(PayloadPath path, FieldType type, uint32_t capacity)
      : path_(std::move(path)), type_(type), capacity_(capacity) {}

  FieldType type() const override { return type_; }
  uint64_t rows_with_value() const override { return rows_with_value_.load(std::memory_order_relaxed); }
  uint64_t memory_bytes() const override { return memory_bytes_.load(std::memory_order_relaxed); }
  std::string_view image() const override { return {}; }

  void Append(const Value& payload) override {
    uint32_t row = published_.load(std::memory_order_relaxed);
    LINEAL_CHECK(row < capacity_);
    RowState state;
    bool indexed = false;
    FieldShape shape = ForEachElement(path_, payload, [&](const Value& element) {
      if (AddElement(element, row)) {
        indexed = true;
      } else {
        state.other |= !element.is_null();
      }
      return true;
    });
    state.empty = shape.empty;
    state.null = shape.null;
    state.cells_end = cells();
    rows_.Append(state);
    if (indexed) rows_with_value_.fetch_add(1, std::memory_order_relaxed);
    memory_bytes_.store(rows_.allocated_bytes() + cell_bytes(), std::memory_order_relaxed);
    published_.store(row + 1, std::memory_order_release);
  }

  std::optional<RowSet> Empty(uint32_t rows) const override {
    return RowsWhere(rows, [](const RowState& state) { return state.empty; });
  }
  std::optional<RowSet> Null(uint32_t rows) const override {
    return RowsWhere(rows, [](const RowState& state) { return state.null; });
  }

 protected:
  // Takes one element of the row being appended. False for one that this type of field does not index.
  virtual bool AddElement(const Value& element, uint32_t row) = 0;
  virtual uint64_t cells() const = 0;
  virtual uint64_t cell_bytes() const = 0;

  // Rows with an element, not null, that is not indexed.
  RowSet OtherRows(uint32_t rows) const {
    return RowsWhere(rows, [](const RowState& state) { return state.other; });
  }
  // The cells that belong to rows below `rows`.
  uint64_t CellsBelow(uint32_t rows) const {
    rows = Published(rows);
    return rows == 0 ? 0 : rows_[rows - 1].cells_end;
  }

 private:
  struct RowState {
    uint64_t cells_end = 0;
    bool empty = false;
    bool null = false;
    bool other = false;
  };

  uint32_t Published(uint32_t rows) const { return std::min(rows, published_.load(std::memory_order_acquire)); }
  template <class Where>
  RowSet RowsWhere(uint32_t rows, Where&& where) const {
    RowGatherer found(rows);
    uint32_t row = 0;
    rows_.ForEach(Published(rows), [&](const RowState& state) {
      if (where(state)) found.Add(row);
      ++row;
    });
    return found.Take();
  }

  const PayloadPath path_;
  const FieldType type_;
  const uint32_t capacity_;
  ChunkedArray<RowState> rows_;
  std::atomic<uint32_t> published_{0};
  std::atomic<uint64_t> rows_with_value_{0};
  std::atomic<uint64_t> memory_bytes_{0};
};

class TermColumn : public ColumnBase {
 public:
  using ColumnBase::ColumnBase;

  std::optional<RowSet> Match(const FieldCondition& condition, uint32_t rows) const override {
    auto query = TermQueryOf(type(), condition);
    if (!query) return std::nullopt;
    if (query->terms.size() == 1 && !query->except) return RowsOf(query->terms.front(), rows);
    absl::flat_hash_set<uint64_t> hashes;
    for (const std::string& term : query->terms) hashes.insert(Hash64(term));
    StringSet terms(query->terms.begin(), query->terms.end());
    RowGatherer found(rows);
    cells_.ForEach(CellsBelow(rows), [&](const Cell& cell) {
      bool listed = hashes.contains(cell.hash) && terms.contains(*cell.term);
      if (listed != query->except) found.Add(cell.row);
    });
    RowSet match = found.Take();
    if (query->except) match |= OtherRows(rows);
    return match;
  }

 protected:
  bool AddElement(const Value& element, uint32_t row) override {
    auto term = TermOf(type(), element);
    if (!term) return false;
    uint64_t hash = Hash64(*term);
    cells_.Append({hash, pool_.Keep(*std::move(term)), row});
    return true;
  }
  uint64_t cells() const override { return cells_.size(); }
  uint64_t cell_bytes() const override { return cells_.allocated_bytes() + pool_.bytes(); }

 private:
  struct Cell {
    uint64_t hash = 0;
    const std::string* term = nullptr;
    uint32_t row = 0;
  };

  RowSet RowsOf(const std::string& term, uint32_t rows) const {
    const uint64_t hash = Hash64(term);
    const std::string* kept = nullptr;  // where the term is, once it was seen
    RowGatherer found(rows);
    cells_.ForEach(CellsBelow(rows), [&](const Cell& cell) {
      if (cell.hash != hash) return;
      if (cell.term != kept && *cell.term != term) return;
      kept = cell.term;
      found.Add(cell.row);
    });
    return found.Take();
  }

  ChunkedArray<Cell> cells_;
  TextPool pool_;
};

class OrderedColumn : public ColumnBase {
 public:
  using ColumnBase::ColumnBase;

  std::optional<RowSet> Match(const FieldCondition& condition, uint32_t rows) const override {
    auto query = OrderedQuery::Of(type(), condition);
    if (!query) return std::nullopt;
    RowGatherer found(rows);
    if (query->kind() == OrderedQuery::Kind::kRange) {
      // Which rows pass nobody can predict: no branch asks.
      cells_.ForEach(CellsBelow(rows), [&](const Cell& cell) {
        found.AddIf(query->InRange(cell.whole ? static_cast<double>(cell.integer) : cell.real), cell.row);
      });
    } else {
      cells_.ForEach(CellsBelow(rows), [&](const Cell& cell) {
        if (cell.whole ? query->Passes(cell.integer) : query->Passes(cell.real)) found.Add(cell.row);
      });
    }
    RowSet match = found.Take();
    if (query->kind() == OrderedQuery::Kind::kExcept) match |= OtherRows(rows);
    return match;
  }

 protected:
  bool AddElement(const Value& element, uint32_t row) override {
    auto value = OrderedValueOf(type(), element);
    if (!value) return false;
    Cell cell;
    cell.row = row;
    cell.whole = value->whole;
    if (value->whole) {
      cell.integer = value->integer;
    } else {
      cell.real = value->real;
    }
    cells_.Append(cell);
    return true;
  }
  uint64_t cells() const override { return cells_.size(); }
  uint64_t cell_bytes() const override { return cells_.allocated_bytes(); }

 private:
  struct Cell {
    union {
      int64_t integer = 0;
      double real;
    };
    uint32_t row = 0;
    bool whole = true;
  };
  ChunkedArray<Cell> cells_;
};

// A cell is one text: its row and where its tokens end.
class TextColumn : public ColumnBase {
 public:
  using ColumnBase::ColumnBase;

  std::optional<RowSet> Match(const FieldCondition& condition, uint32_t rows) const override {
    const auto* match = std::get_if<MatchText>(&condition.test);
    if (match == nullptr) return std::nullopt;
    std::vector<Token> wanted;
    std::vector<std::string> words = TokenSet(match->text);
    for (const std::string& word : words) wanted.push_back({Hash64(word), &word});
    RowGatherer found(rows);
    uint64_t begin = 0;
    if (wanted.empty()) return RowSet();
    cells_.ForEach(CellsBelow(rows), [&](const Cell& cell) {
      if (HasAll(begin, cell.tokens_end, wanted)) found.Add(cell.row);
      begin = cell.tokens_end;
    });
    return found.Take();
  }

 protected:
  bool AddElement(const Value& element, uint32_t row) override {
    const auto* text = element.get_if<std::string>();
    if (text == nullptr) return false;
    for (std::string& token : TokenSet(*text)) {
      uint64_t hash = Hash64(token);
      tokens_.Append({hash, pool_.Keep(std::move(token))});
    }
    cells_.Append({tokens_.size(), row});
    return true;
  }
  uint64_t cells() const override { return cells_.size(); }
  uint64_t cell_bytes() const override { return cells_.allocated_bytes() + tokens_.allocated_bytes() + pool_.bytes(); }

 private:
  struct Cell {
    uint64_t tokens_end = 0;
    uint32_t row = 0;
  };
  struct Token {
    uint64_t hash = 0;
    const std::string* text = nullptr;
  };

  bool HasAll(uint64_t begin, uint64_t end, const std::vector<Token>& wanted) const {
    return std::all_of(wanted.begin(), wanted.end(), [&](const Token& token) {
      for (uint64_t i = begin; i < end; ++i) {
        const Token& have = tokens_[i];
        if (have.hash == token.hash && *have.text == *token.text) return true;
      }
      return false;
    });
  }

  ChunkedArray<Cell> cells_;
  ChunkedArray<Token> tokens_;
  TextPool pool_;
};

}  // namespace

std::unique_ptr<FieldColumn> FieldColumn::Create(std::string_view key, const FieldSchema& schema, uint32_t capacity) {
  auto path = PayloadPath::Parse(key);
  LINEAL_CHECK(path.ok());  // ValidateSchema() has seen it
  switch (schema.type) {
    case FieldType::kKeyword:
    case FieldType::kUuid:
    case FieldType::kBool:
      return std::make_unique<TermColumn>(*std::move(path), schema.type, capacity);
    case FieldType::kInteger:
    case FieldType::kFloat:
    case FieldType::kDatetime:
      return std::make_unique<OrderedColumn>(*std::move(path), schema.type, capacity);
    case FieldType::kText:
      return std::make_unique<TextColumn>(*std::move(path), schema.type, capacity);
  }
  LINEAL_CHECK(false);
}

}  // namespace lineal::engine
