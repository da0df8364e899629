#include "engine/database/verify_shard.h"

#include <algorithm>

#include "base/status.h"
#include "engine/shard/row_record.h"
#include "engine/shard/segment_store.h"
#include "engine/shard/shard_view.h"

namespace lineal::engine {
namespace {

class SegmentCheck {
 public:
  SegmentCheck(const Segment& segment, const TableSchema& schema,
               const std::function<void(const std::string&)>& problem)
      : segment_(segment), schema_(schema), problem_(problem) {}

  void CompareRow(LocalId local, RowId row, const RowRecord& record) const {
    if (segment_.rows().point(local) != record.point || segment_.rows().born(local) != record.born) {
      problem_(StrCat("segment ", segment_.id(), ": row ", Raw(row), " is of another point than in the data"));
    }
    for (const StoredVector& vector : record.vectors) {
      const VectorColumn* column = segment_.Vector(vector.number);
      if (schema_.FindVector(vector.number) == nullptr || column == nullptr) continue;
      const std::string_view packed(reinterpret_cast<const char*>(column->Row(local)), column->format().row_bytes());
      if (!column->Has(local) || packed != vector.row) {
        problem_(StrCat("segment ", segment_.id(), ": vector ", vector.number, " of row ", Raw(row),
                        " differs from the data"));
      }
    }
  }

 private:
  const Segment& segment_;
  const TableSchema& schema_;
  const std::function<void(const std::string&)>& problem_;
};

}  // namespace

absl::Status VerifySegments(const std::string& directory, FileSystem* files, const TableSchema& schema,
                            const storage::ShardStore& store, const std::function<void(const std::string&)>& problem) {
  SegmentStore segments(directory, files);
  absl::StatusOr<Manifest> manifest = segments.ReadManifest();
  if (!manifest.ok()) {
    problem(StrCat(directory, "/MANIFEST: ", MessageOf(manifest.status())));
    return absl::OkStatus();
  }
  SegmentList loaded;
  bool complete = true;
  for (const Manifest::Entry& entry : manifest->segments) {
    auto segment = segments.Load(entry, schema);
    if (!segment.ok()) {
      complete = false;
      problem(StrCat(segments.FolderOf(entry.id), ": ", MessageOf(segment.status())));
      continue;
    }
    for (uint32_t number : entry.graphs) {
      const VectorColumn* column = (*segment)->Vector(number);
      if (column != nullptr && !column->has_index()) {
        problem(StrCat(segments.IndexFileOf(entry.id, number), " is missing or damaged"));
      }
    }
    for (const VectorDef& vector : schema.vectors) {
      const VectorColumn* column = (*segment)->Vector(vector.number);
      if (column == nullptr || column->lists() == nullptr || column->tenants() != nullptr) continue;
      const std::string path = segments.FileOf(entry.id, SegmentStore::kTenantLists, vector.number);
      if (!schema.TenantFields(vector).empty() && segments.files()->Exists(path)) {
        problem(StrCat(path, " is damaged, or of other fields"));
      }
    }
    for (const auto& [number, key] : entry.fields) {
      const FieldDef* field = schema.FindField(key);
      if (field != nullptr && field->number == number && !(*segment)->Indexes(*field)) {
        problem(StrCat(segments.FileOf(entry.id, "field", number), " is missing or damaged"));
      }
    }
    loaded.push_back(*std::move(segment));
  }
  uint64_t found = 0;
  LINEAL_RETURN_IF_ERROR(store.ScanRows(RowId{0}, [&](RowId row, std::string_view bytes) {
    absl::StatusOr<RowRecord> record = DecodeRowRecord(bytes);
    if (!record.ok()) {
      problem(StrCat("row ", Raw(row), ": ", MessageOf(record.status())));
      return true;
    }
    int holders = 0;
    for (const auto& segment : loaded) {
      std::optional<LocalId> local = segment->rows().Find(row);
      if (!local) continue;
      ++holders;
      ++found;
      SegmentCheck(*segment, schema, problem).CompareRow(*local, row, *record);
    }
    if (holders > 1) problem(StrCat("row ", Raw(row), " is in ", holders, " segments"));
    if (holders == 0 && row < manifest->growing_from && complete) {
      problem(StrCat("row ", Raw(row), " is in no segment"));
    }
    return true;
  }));
  uint64_t held = 0;
  for (const auto& segment : loaded) held += segment->rows().size();
  if (held != found) problem(StrCat(held - found, " rows of segments in ", directory, " are not in the data"));
  return absl::OkStatus();
}

}  // namespace lineal::engine
