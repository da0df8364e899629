// Lists of single tenants' rows, beside the lists of all rows: a search that wants the rows of one tenant scans no
// others (docs/adr/0013-tenants-have-lists.md). Tenants are the values of the fields that a schema declares
// `is_tenant`; those of few rows have none, for a scan of such rows costs less.
//
// Threads: immutable once published; any.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/io.h"
#include "engine/filter/compiled_filter.h"
#include "engine/filter/field_index.h"
#include "engine/segment/table_schema.h"
#include "index/ivf/ivf_index.h"

namespace lineal::engine {

class TenantLists {
 public:
  // The rows that tenants' lists are made of.
  struct Source {
    index::RowFormat format;
    index::RowView rows;
    uint32_t count = 0;
    std::function<bool(LocalId)> has;
    std::function<bool(uint64_t rows)> worth_it;  // whether so many rows are to have lists
    uint64_t seed = 1;
  };
  // fields[i] is indexed by indexes[i]. CANCELLED if told so.
  static absl::StatusOr<std::shared_ptr<TenantLists>> Build(const Source& source,
                                                            const std::vector<const FieldDef*>& fields,
                                                            std::span<const std::shared_ptr<const FieldIndex>> indexes,
                                                            const index::IvfBuildOptions& options);
  // A checksummed image (docs/format/tenant_lists.md), and what was made of one: null if that is of other fields,
  // DATA_LOSS if it is damaged or of other rows.
  absl::Status Save(ByteSink* sink) const;
  static absl::StatusOr<std::shared_ptr<TenantLists>> Load(std::string_view image,
                                                           const std::vector<const FieldDef*>& fields,
                                                           const index::RowFormat& format, const index::RowView& rows,
                                                           uint32_t count);

  // Of the same rows; before the first search.
  void AttachCodes(const std::shared_ptr<const index::RowCodes>& codes);

  // The shortest lists that hold every row of which all `conditions` were true when they were made; null if none do.
  const index::IvfIndex* Find(std::span<const MustHold> conditions) const;

  bool AreOf(const std::vector<const FieldDef*>& fields) const;
  size_t tenants() const { return tenants_.size(); }
  uint64_t memory_bytes() const;

 private:
  struct Field {
    uint32_t number = 0;
    std::string key;
    FieldType type = FieldType::kKeyword;
  };
  struct Tenant {
    uint32_t field = 0;  // its place in fields_
    std::string term;
    std::unique_ptr<index::IvfIndex> lists;
  };
  explicit TenantLists(const std::vector<const FieldDef*>& fields);

  std::vector<Field> fields_;
  std::vector<Tenant> tenants_;  // by field and term
};

}  // namespace lineal::engine
