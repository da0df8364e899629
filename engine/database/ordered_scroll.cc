#include "engine/database/ordered_scroll.h"

#include <algorithm>
#include <optional>

#include "base/status.h"
#include "engine/payload/path.h"

namespace lineal::engine {
namespace {

// Where a value stands among the others; nothing for one that does not order.
std::optional<double> RankOf(const Value& value, FieldType type) {
  if (type == FieldType::kDatetime) {
    if (!value.is_string()) return std::nullopt;
    std::optional<int64_t> micros = ParseDatetime(value.string());
    if (!micros) return std::nullopt;
    return static_cast<double>(*micros);
  }
  if (const auto* number = value.get_if<int64_t>()) return static_cast<double>(*number);
  if (const auto* number = value.get_if<uint64_t>()) return static_cast<double>(*number);
  if (const auto* number = value.get_if<double>()) return *number;
  return std::nullopt;
}

bool Orders(FieldType type) {
  return type == FieldType::kInteger || type == FieldType::kFloat || type == FieldType::kDatetime;
}

struct Ranked {
  double rank;
  PointId id;
  OrderedRow row;
};

}  // namespace

absl::StatusOr<std::vector<OrderedRow>> OrderRows(const CollectionReads& reads, const TableSchema& schema,
                                                  const OrderBy& order_by, uint64_t limit) {
  const FieldDef* field = schema.FindField(order_by.key);
  if (field == nullptr || !Orders(field->schema.type)) {
    return MakeError(ErrorKind::kIndexRequired,
                     StrCat("Index required but not found for \"", order_by.key,
                            "\" of one of the following types: [integer, float, datetime]. Help: Create an index for "
                            "this key or use a different filter."));
  }
  LINEAL_ASSIGN_OR_RETURN(PayloadPath path, PayloadPath::Parse(order_by.key));
  std::optional<double> start;
  if (order_by.start_from) {
    start = RankOf(*order_by.start_from, field->schema.type);
    if (!start && field->schema.type == FieldType::kDatetime) start = RankOf(*order_by.start_from, FieldType::kInteger);
    if (!start) return InvalidArgument("order_by.start_from is not a value that `", order_by.key, "` orders by");
  }
  auto before = [&](const Ranked& a, const Ranked& b) {
    if (a.rank != b.rank) return order_by.descending ? a.rank > b.rank : a.rank < b.rank;
    return a.id < b.id;
  };
  if (limit == 0) return std::vector<OrderedRow>();
  std::vector<Ranked> best;
  LINEAL_RETURN_IF_ERROR(reads.ForEach([&](const FoundRow& row) {
    const Value payload = row.view->PayloadOf(row.place.row());
    auto offer = [&](const Value& value) {
      std::optional<double> rank = RankOf(value, field->schema.type);
      if (!rank || (start && (order_by.descending ? *rank > *start : *rank < *start))) return;
      Ranked candidate{*rank, row.point(), OrderedRow{row, value}};
      if (best.size() >= limit) {
        if (!before(candidate, best.front())) return;
        std::pop_heap(best.begin(), best.end(), before);
        best.pop_back();
      }
      best.push_back(std::move(candidate));
      std::push_heap(best.begin(), best.end(), before);
    };
    path.Visit(payload, [&](const Value& value) {
      if (value.is_array()) {
        for (const Value& element : value.array()) offer(element);
      } else {
        offer(value);
      }
      return true;
    });
    return true;
  }));
  std::sort_heap(best.begin(), best.end(), before);
  std::vector<OrderedRow> rows;
  for (Ranked& ranked : best) rows.push_back(std::move(ranked.row));
  return rows;
}

}  // namespace lineal::engine
