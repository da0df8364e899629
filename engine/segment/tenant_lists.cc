#include "engine/segment/tenant_lists.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/checked_image.h"
#include "base/coding.h"
#include "base/status.h"
#include "engine/filter/field_query.h"

namespace lineal::engine {
namespace {

constexpr uint32_t kMagic = 0x314e4554;  // "TEN1"
// Of all rows: whoever has more is found by the lists of all.
constexpr double kShareMost = 0.9;
// Fewer are scanned in less time than lists are ranked, whatever the schema says.
constexpr uint64_t kRowsMin = 1'024;

class CountingSink final : public ByteSink {
 public:
  absl::Status Append(std::string_view bytes) override {
    size_ += bytes.size();
    return absl::OkStatus();
  }
  uint64_t size() const override { return size_; }

 private:
  uint64_t size_ = 0;
};

}  // namespace

TenantLists::TenantLists(const std::vector<const FieldDef*>& fields) {
  for (const FieldDef* field : fields) fields_.push_back({field->number, field->key, field->schema.type});
}

absl::StatusOr<std::shared_ptr<TenantLists>> TenantLists::Build(
    const Source& source, const std::vector<const FieldDef*>& fields,
    std::span<const std::shared_ptr<const FieldIndex>> indexes, const index::IvfBuildOptions& options) {
  std::shared_ptr<TenantLists> made(new TenantLists(fields));
  const auto most = static_cast<uint64_t>(kShareMost * source.count);
  absl::Status status;
  for (uint32_t field = 0; field < indexes.size(); ++field) {
    indexes[field]->ForEachTerm(kRowsMin, [&](std::string_view term, const RowSet& rows) {
      if (!status.ok() || rows.cardinality() > most || !source.worth_it(rows.cardinality())) return;
      std::vector<LocalId> among;
      for (uint32_t row : rows) among.push_back(LocalId{row});
      index::IvfParams params;
      params.seed = source.seed;
      params.among = among;
      auto lists = index::IvfIndex::Build(source.format, params, source.rows, source.count, source.has, options);
      status = lists.status();
      if (lists.ok()) made->tenants_.push_back({field, std::string(term), *std::move(lists)});
    });
  }
  LINEAL_RETURN_IF_ERROR(status);
  std::sort(made->tenants_.begin(), made->tenants_.end(),
            [](const Tenant& a, const Tenant& b) { return std::tie(a.field, a.term) < std::tie(b.field, b.term); });
  return made;
}

absl::Status TenantLists::Save(ByteSink* sink) const {
  std::string head;
  PutVarint(&head, fields_.size());
  for (const Field& field : fields_) PutVarint(&head, field.number);
  PutVarint(&head, tenants_.size());
  for (const Tenant& tenant : tenants_) {
    CountingSink bytes;
    LINEAL_RETURN_IF_ERROR(tenant.lists->Save(&bytes));
    PutVarint(&head, tenant.field);
    PutString(&head, tenant.term);
    PutVarint(&head, bytes.size());
  }
  std::string front;
  PutFixed(&front, kMagic);
  PutFixed(&front, static_cast<uint64_t>(head.size()));
  front += head;
  AppendChecksum(&front);
  LINEAL_RETURN_IF_ERROR(sink->Append(front));
  for (const Tenant& tenant : tenants_) LINEAL_RETURN_IF_ERROR(tenant.lists->Save(sink));
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<TenantLists>> TenantLists::Load(std::string_view image,
                                                               const std::vector<const FieldDef*>& fields,
                                                               const index::RowFormat& format,
                                                               const index::RowView& rows, uint32_t count) {
  constexpr size_t kFrontBytes = sizeof(uint32_t) + sizeof(uint64_t);
  Reader front(image);
  if (front.Fixed<uint32_t>() != kMagic) return DataLoss("tenants' lists: unknown format");
  const uint64_t head_bytes = front.Fixed<uint64_t>();
  if (!front.ok() || head_bytes > front.rest().size() || front.rest().size() - head_bytes < kChecksumBytes ||
      !ChecksumHolds(image.substr(0, kFrontBytes + head_bytes + kChecksumBytes))) {
    return DataLoss("tenants' lists: the checksum of their directory differs");
  }
  Reader head(front.Bytes(head_bytes));
  front.Bytes(kChecksumBytes);
  std::vector<uint64_t> numbers;
  for (uint64_t n = head.Varint(); n > 0 && head.ok(); --n) numbers.push_back(head.Varint());
  const bool same = std::equal(numbers.begin(), numbers.end(), fields.begin(), fields.end(),
                               [](uint64_t number, const FieldDef* field) { return number == field->number; });
  if (head.ok() && !same) return nullptr;
  std::shared_ptr<TenantLists> loaded(new TenantLists(fields));
  for (uint64_t n = head.Varint(); n > 0 && head.ok(); --n) {
    const uint64_t field = head.Varint();
    const std::string_view term = head.String();
    const std::string_view bytes = front.Bytes(head.Varint());
    if (!head.ok() || !front.ok() || field >= fields.size()) break;
    LINEAL_ASSIGN_OR_RETURN(auto lists, index::IvfIndex::Load(bytes, format, rows, count));
    loaded->tenants_.push_back({static_cast<uint32_t>(field), std::string(term), std::move(lists)});
    if (n == 1 && head.AtEnd() && front.AtEnd()) return loaded;
  }
  if (loaded->tenants_.empty() && head.ok() && head.AtEnd() && front.ok() && front.AtEnd()) return loaded;
  return DataLoss("tenants' lists are torn");
}

void TenantLists::AttachCodes(const std::shared_ptr<const index::RowCodes>& codes) {
  for (Tenant& tenant : tenants_) tenant.lists->AttachCodes(codes);
}

const index::IvfIndex* TenantLists::Find(std::span<const MustHold> conditions) const {
  const index::IvfIndex* shortest = nullptr;
  for (const auto& [condition, as_uuid] : conditions) {
    for (uint32_t field = 0; field < fields_.size(); ++field) {
      if (fields_[field].key != condition.key || (fields_[field].type == FieldType::kUuid) != as_uuid) continue;
      const auto query = TermQueryOf(fields_[field].type, condition);
      if (!query || query->except || query->terms.size() != 1) continue;
      const auto wanted = std::tie(field, query->terms.front());
      const auto tenant =
          std::lower_bound(tenants_.begin(), tenants_.end(), wanted,
                           [](const Tenant& a, const auto& b) { return std::tie(a.field, a.term) < b; });
      if (tenant == tenants_.end() || std::tie(tenant->field, tenant->term) != wanted) continue;
      if (shortest == nullptr || tenant->lists->size() < shortest->size()) shortest = tenant->lists.get();
    }
  }
  return shortest;
}

bool TenantLists::AreOf(const std::vector<const FieldDef*>& fields) const {
  return std::equal(fields_.begin(), fields_.end(), fields.begin(), fields.end(),
                    [](const Field& mine, const FieldDef* field) { return mine.number == field->number; });
}

uint64_t TenantLists::memory_bytes() const {
  uint64_t bytes = sizeof *this;
  for (const Tenant& tenant : tenants_) bytes += sizeof tenant + tenant.term.capacity() + tenant.lists->memory_bytes();
  return bytes;
}

}  // namespace lineal::engine
