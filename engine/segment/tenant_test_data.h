// Rows of two tenants, of 1,200 rows and of 1,100, in an index that tests make up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "base/string_sink.h"
#include "engine/segment/tenant_lists.h"
#include "index/vectors/growing_rows.h"

namespace lineal::engine {

class TenantTestData {
 public:
  static constexpr uint32_t kRows = 3'000, kFirst = 1'200, kSecond = 1'100;
  static constexpr index::RowFormat kFormat = {index::ElementType::kF32, index::Distance::kL2, 5};

  TenantTestData() : rows_(kFormat.row_bytes(), kRows) {
    Random random(1);
    std::vector<std::byte> row(kFormat.row_bytes());
    for (uint32_t i = 0; i < kRows; ++i) {
      float values[5];
      for (float& x : values) x = static_cast<float>(random.Gaussian());
      LINEAL_CHECK(index::EncodeRow(kFormat, values, row.data()).ok());
      rows_.Append(row.data());
    }
    field_.number = 7;
    field_.key = "group";
  }
  std::shared_ptr<TenantLists> Make() const {
    const std::shared_ptr<const FieldIndex> indexes[] = {std::make_shared<Terms>()};
    TenantLists::Source source{.format = kFormat,
                               .rows = view(),
                               .count = kRows,
                               .has = [](LocalId) { return true; },
                               .worth_it = [](uint64_t) { return true; }};
    auto made = TenantLists::Build(source, fields(), indexes, {});
    LINEAL_CHECK(made.ok());
    return *std::move(made);
  }
  std::string Image() const {
    StringSink sink;
    LINEAL_CHECK(Make()->Save(&sink).ok());
    return std::move(sink.bytes);
  }
  index::RowView view() const { return rows_.view(); }
  std::vector<const FieldDef*> fields() const { return {&field_}; }
  FieldDef& field() { return field_; }
  static MustHold Is(const std::string& term) { return {{"group", MatchValue{term}}}; }

 private:
  class Terms final : public FieldIndex {
   public:
    FieldType type() const override { return FieldType::kKeyword; }
    std::optional<RowSet> Match(const FieldCondition&, uint32_t) const override { return std::nullopt; }
    std::optional<RowSet> Empty(uint32_t) const override { return std::nullopt; }
    std::optional<RowSet> Null(uint32_t) const override { return std::nullopt; }
    void ForEachTerm(uint64_t rows_min,
                     const std::function<void(std::string_view, const RowSet&)>& visit) const override {
      const auto say = [&](std::string_view term, uint64_t begin, uint64_t end) {
        RowSet rows;
        rows.addRange(begin, end);
        if (rows.cardinality() >= rows_min) visit(term, rows);
      };
      say("second", kFirst, kFirst + kSecond);
      say("first", 0, kFirst);
      say("few", kFirst + kSecond, kRows);
      say("all", 0, kRows);
    }
    uint64_t rows_with_value() const override { return kRows; }
    uint64_t memory_bytes() const override { return 0; }
    std::string_view image() const override { return {}; }
  };

  index::GrowingRows rows_;
  FieldDef field_;
};

}  // namespace lineal::engine
