#include "engine/shard/segment_store.h"

#include <algorithm>
#include <atomic>
#include <set>

#include "base/checked_image.h"
#include "base/coding.h"
#include "base/log.h"
#include "base/status.h"

namespace lineal::engine {
namespace {

constexpr uint32_t kMagic = 0x324e414d;  // "MAN2"

struct FileHold {
  FileHold(std::string path, FileSystem* system) : folder(std::move(path)), files(system) {}
  ~FileHold() {
    if (!obsolete.load()) return;
    if (absl::Status status = files->Remove(folder); !status.ok()) {
      Log(LogLevel::kWarning, "cannot remove an obsolete segment", {{"error", std::string(MessageOf(status))}});
    }
  }
  const std::string folder;
  FileSystem* const files;
  std::atomic<bool> obsolete{false};
};

void WarnOfRebuild(const std::string& path, const absl::Status& status) {
  Log(LogLevel::kWarning, "a damaged index file will be rebuilt",
      {{"file", path}, {"error", std::string(MessageOf(status))}});
}

std::string EncodeSet(const RowSet& set) {
  std::string bytes(set.getSizeInBytes(), '\0');
  set.write(bytes.data());
  return bytes;
}

}  // namespace

std::string EncodeManifest(const Manifest& manifest) {
  std::string out;
  PutFixed(&out, kMagic);
  PutVarint(&out, manifest.next_segment_id);
  PutVarint(&out, Raw(manifest.growing_from));
  PutFixed(&out, static_cast<uint8_t>(manifest.purging));
  PutVarint(&out, manifest.segments.size());
  for (const Manifest::Entry& entry : manifest.segments) {
    PutVarint(&out, entry.id);
    PutFixed(&out, static_cast<uint8_t>(entry.kind));
    PutVarint(&out, Raw(entry.watermark));
    PutString(&out, entry.stale);
    PutVarint(&out, entry.deaths.size());
    uint32_t before = 0;
    for (const auto& [place, died] : entry.deaths) {
      PutVarint(&out, place - before);
      PutVarint(&out, Raw(died));
      before = place;
    }
    PutVarint(&out, entry.vectors.size());
    for (uint32_t number : entry.vectors) PutVarint(&out, number);
    PutVarint(&out, entry.graphs.size());
    for (uint32_t number : entry.graphs) PutVarint(&out, number);
    PutVarint(&out, entry.fields.size());
    for (const auto& [number, key] : entry.fields) {
      PutVarint(&out, number);
      PutString(&out, key);
    }
  }
  AppendChecksum(&out);
  return out;
}

absl::StatusOr<Manifest> DecodeManifest(std::string_view bytes) {
  if (bytes.size() < 8 || !ChecksumHolds(bytes)) return DataLoss("segment manifest: checksum differs");
  Reader reader(bytes.substr(0, bytes.size() - 4));
  if (reader.Fixed<uint32_t>() != kMagic) return DataLoss("segment manifest: unknown format");
  Manifest manifest;
  manifest.next_segment_id = reader.Varint();
  manifest.growing_from = RowId{reader.Varint()};
  manifest.purging = reader.Fixed<uint8_t>() != 0;
  const uint64_t count = reader.Varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    Manifest::Entry& entry = manifest.segments.emplace_back();
    entry.id = reader.Varint();
    entry.kind = static_cast<SegmentKind>(reader.Fixed<uint8_t>());
    entry.watermark = Seq{reader.Varint()};
    entry.stale = std::string(reader.String());
    uint64_t place = 0;
    for (uint64_t n = reader.Varint(); n > 0 && reader.ok(); --n) {
      place += reader.Varint();
      entry.deaths.emplace_back(static_cast<uint32_t>(place), Seq{reader.Varint()});
    }
    for (uint64_t n = reader.Varint(); n > 0 && reader.ok(); --n) {
      entry.vectors.push_back(static_cast<uint32_t>(reader.Varint()));
    }
    for (uint64_t n = reader.Varint(); n > 0 && reader.ok(); --n) {
      entry.graphs.push_back(static_cast<uint32_t>(reader.Varint()));
    }
    for (uint64_t n = reader.Varint(); n > 0 && reader.ok(); --n) {
      const auto number = static_cast<uint32_t>(reader.Varint());
      entry.fields.emplace_back(number, std::string(reader.String()));
    }
  }
  if (!reader.ok() || !reader.AtEnd()) return DataLoss("segment manifest is torn");
  return manifest;
}

absl::StatusOr<Manifest> SegmentStore::ReadManifest() {
  absl::StatusOr<std::string> bytes = files_->ReadFile(directory_ + "/MANIFEST");
  if (absl::IsNotFound(bytes.status())) return Manifest{};
  if (!bytes.ok()) return bytes.status();
  return DecodeManifest(*bytes);
}

absl::Status SegmentStore::WriteManifest(const Manifest& manifest) {
  return files_->WriteAtomically(directory_ + "/MANIFEST", EncodeManifest(manifest));
}

void SegmentStore::RemoveStrays(const Manifest& manifest) {
  std::set<std::string> wanted = {"MANIFEST"};
  for (const Manifest::Entry& entry : manifest.segments) wanted.insert(std::to_string(entry.id));
  absl::StatusOr<std::vector<std::string>> names = files_->List(directory_);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    if (wanted.contains(name)) continue;
    if (absl::Status status = files_->Remove(directory_ + "/" + name); !status.ok()) {
      Log(LogLevel::kWarning, "cannot remove a stray segment", {{"error", std::string(MessageOf(status))}});
    }
  }
}

std::string SegmentStore::FolderOf(uint64_t segment_id) const { return StrCat(directory_, "/", segment_id); }

std::string SegmentStore::FileOf(uint64_t segment_id, std::string_view kind, uint32_t number) const {
  return StrCat(directory_, "/", segment_id, "/", kind, "-", number);
}

std::string SegmentStore::IndexFileOf(uint64_t segment_id, uint32_t number) const {
  const std::string lists = FileOf(segment_id, "lists", number);
  return absl::IsNotFound(files_->Map(lists).status()) ? FileOf(segment_id, "graph", number) : lists;
}

std::shared_ptr<SegmentAccount> SegmentStore::AccountOf(uint64_t segment_id) const {
  if (ledger_ == nullptr) return nullptr;
  return std::make_shared<SegmentAccount>(ledger_, budget_, owner_.collection, StrCat(owner_.segment, "-", segment_id));
}

MemoryLedger::Charge SegmentStore::ChargeFor(uint64_t segment_id, std::string kind) const {
  return {ledger_, MemoryOwner{owner_.collection, StrCat(owner_.segment, "-", segment_id), std::move(kind)}};
}

std::shared_ptr<void> SegmentStore::HoldFiles(uint64_t segment_id) {
  return std::make_shared<FileHold>(FolderOf(segment_id), files_);
}

void SegmentStore::Obsolete(const Segment& segment) {
  if (segment.parts().files) static_cast<FileHold*>(segment.parts().files.get())->obsolete = true;
}

// A segment has lists or a graph, whichever was wanted when it was indexed.
absl::Status SegmentStore::LoadIndex(const Manifest::Entry& entry, const VectorDef& vector, const TableSchema& schema,
                                     uint32_t rows, VectorColumn* column) {
  const uint64_t segment_id = entry.id;
  const uint32_t code_bits = schema.CodeBits(vector);
  absl::StatusOr<std::shared_ptr<const MappedRegion>> lists = files_->Map(FileOf(segment_id, "lists", vector.number));
  if (!absl::IsNotFound(lists.status())) {
    if (!lists.ok()) return lists.status();
    LINEAL_ASSIGN_OR_RETURN(auto loaded, index::IvfIndex::Load((*lists)->bytes(), vector.format, column->rows(), rows));
    if (schema.WantsListedRows(vector)) OpenListedRows(segment_id, vector, loaded.get());
    column->AttachLists(std::move(loaded),
                        code_bits != 0 ? LoadCodes(segment_id, vector, code_bits, *column, rows) : nullptr, rows);
    LoadTenants(entry, vector, schema, rows, column);
    LoadRecall(segment_id, vector.number, *column);
    return absl::OkStatus();
  }
  LINEAL_ASSIGN_OR_RETURN(auto image, files_->Map(FileOf(segment_id, "graph", vector.number)));
  if (vector.schema.memory == VectorMemory::kHot) image->Advise(Residence::kPresent, 0, image->bytes().size());
  index::HnswStamp stamp;
  LINEAL_ASSIGN_OR_RETURN(auto graph,
                          index::HnswIndex::Load(std::move(image), vector.format, column->rows(), &stamp, rows));
  column->AttachGraph(std::move(graph),
                      code_bits != 0 ? LoadCodes(segment_id, vector, code_bits, *column, rows) : nullptr, rows);
  LoadRecall(segment_id, vector.number, *column);
  return absl::OkStatus();
}

// Those of other fields than are tenants by now, or damaged ones, are made anew; meanwhile tenants are filters.
void SegmentStore::LoadTenants(const Manifest::Entry& entry, const VectorDef& vector, const TableSchema& schema,
                               uint32_t rows, VectorColumn* column) {
  const std::vector<const FieldDef*> fields = schema.TenantFields(vector);
  // Which rows are stale is known only of fields that the manifest names.
  const auto is_named = [&](const FieldDef* field) {
    return std::ranges::find(entry.fields, std::pair(field->number, field->key)) != entry.fields.end();
  };
  if (fields.empty() || !std::ranges::all_of(fields, is_named)) return;
  const std::string path = FileOf(entry.id, kTenantLists, vector.number);
  const absl::StatusOr<std::shared_ptr<const MappedRegion>> image = files_->Map(path);
  if (absl::IsNotFound(image.status())) return;
  auto tenants = image.ok() ? TenantLists::Load((*image)->bytes(), fields, vector.format, column->rows(), rows)
                            : absl::StatusOr<std::shared_ptr<TenantLists>>(image.status());
  if (!tenants.ok()) return WarnOfRebuild(path, tenants.status());
  if (*tenants != nullptr) column->AttachTenants(*std::move(tenants));
}

// Until a missing or damaged file has been written anew, rows are read as those of a warm vector are.
void SegmentStore::OpenListedRows(uint64_t segment_id, const VectorDef& vector, index::IvfIndex* lists) {
  const std::string path = FileOf(segment_id, kListedRows, vector.number);
  absl::StatusOr<std::shared_ptr<const BlockReader>> file = files_->OpenBlocks(path);
  if (absl::IsNotFound(file.status())) return;
  auto rows = file.ok() ? index::ListedRows::Open(*std::move(file), vector.format, lists->ids())
                        : absl::StatusOr<std::shared_ptr<const index::ListedRows>>(file.status());
  if (!rows.ok()) return WarnOfRebuild(path, rows.status());
  lists->AttachListedRows(*std::move(rows));
}

absl::Status SegmentStore::SaveRecall(uint64_t segment_id, uint32_t vector_number, const RecallTable& table) {
  return files_->WriteAtomically(FileOf(segment_id, "recall", vector_number), EncodeRecallTable(table));
}

// One that is damaged, or speaks of another graph, is measured anew.
void SegmentStore::LoadRecall(uint64_t segment_id, uint32_t vector_number, const VectorColumn& column) {
  const std::string path = FileOf(segment_id, "recall", vector_number);
  const absl::StatusOr<std::string> bytes = files_->ReadFile(path);
  if (absl::IsNotFound(bytes.status())) return;
  absl::StatusOr<RecallTable> table = bytes.ok() ? DecodeRecallTable(*bytes) : bytes.status();
  if (!table.ok()) return WarnOfRebuild(path, table.status());
  if (table->rows != column.indexed() || std::pair(table->m, table->ef_construct) != column.index()->Shape()) return;
  column.SetRecall(std::make_shared<const RecallTable>(*std::move(table)));
}

// Codes are made from the rows in a moment: those of a damaged or missing file are not worth a rewrite of the segment.
// Those of other bits than are wanted by now serve until the optimizer comes.
std::shared_ptr<const index::RowCodes> SegmentStore::LoadCodes(uint64_t segment_id, const VectorDef& vector,
                                                               uint32_t code_bits, const VectorColumn& column,
                                                               uint32_t rows) {
  const std::string path = FileOf(segment_id, "codes", vector.number);
  absl::StatusOr<std::shared_ptr<const MappedRegion>> image = files_->Map(path);
  absl::Status status = image.status();
  if (image.ok()) {
    auto codes = index::LoadRowCodes((*image)->bytes(), vector.format, rows);
    if (codes.ok()) return *std::move(codes);
    status = codes.status();
  }
  if (!absl::IsNotFound(status)) WarnOfRebuild(path, status);
  return column.Encode(rows, {.bits = code_bits});
}

absl::StatusOr<std::shared_ptr<const Segment>> SegmentStore::Load(const Manifest::Entry& entry,
                                                                  const TableSchema& schema) {
  SegmentParts parts;
  parts.id = entry.id;
  parts.kind = entry.kind;
  parts.watermark = entry.watermark;
  parts.files = HoldFiles(entry.id);
  parts.account = AccountOf(entry.id);
  {
    LINEAL_ASSIGN_OR_RETURN(auto image, files_->Map(FileOf(entry.id, "rows", 0)));
    LINEAL_ASSIGN_OR_RETURN(parts.rows, RowTable::Load(image->bytes()));
  }
  const uint32_t rows = parts.rows->size();
  parts.stale = std::make_shared<RowBits>(rows);
  if (!entry.stale.empty()) {
    for (uint32_t row : RowSet::readSafe(entry.stale.data(), entry.stale.size())) {
      if (row < rows) parts.stale->Set(LocalId{row});
    }
  }
  for (const auto& [place, died] : entry.deaths) {
    if (place >= rows) return DataLoss("segment ", entry.id, ": row ", place, " of ", rows, " is said to be dead");
    parts.rows->MarkDied(LocalId{place}, died);
  }
  for (const VectorDef& vector : schema.vectors) {
    if (std::find(entry.vectors.begin(), entry.vectors.end(), vector.number) == entry.vectors.end()) continue;
    LINEAL_ASSIGN_OR_RETURN(auto image, files_->Map(FileOf(entry.id, "vectors", vector.number)));
    LINEAL_ASSIGN_OR_RETURN(auto column,
                            VectorColumn::Load(std::move(image), vector.format, rows, vector.schema.memory));
    if (std::find(entry.graphs.begin(), entry.graphs.end(), vector.number) != entry.graphs.end()) {
      if (absl::Status loaded = LoadIndex(entry, vector, schema, rows, column.get()); !loaded.ok()) {
        WarnOfRebuild(IndexFileOf(entry.id, vector.number), loaded);
      }
    } else if (schema.WantsCodes(vector) && files_->Exists(FileOf(entry.id, "codes", vector.number))) {
      column->AttachCodes(LoadCodes(entry.id, vector, schema.CodeBits(vector), *column, rows));
    }
    parts.vector_names[vector.name] = vector.number;
    parts.vectors[vector.number] = std::move(column);
  }
  for (const FieldDef& field : schema.fields) {
    if (std::find(entry.fields.begin(), entry.fields.end(), std::pair(field.number, field.key)) == entry.fields.end()) {
      continue;
    }
    const std::string path = FileOf(entry.id, "field", field.number);
    absl::StatusOr<std::shared_ptr<const MappedRegion>> image = files_->Map(path);
    if (!image.ok()) {
      WarnOfRebuild(path, image.status());
      continue;
    }
    auto loaded = LoadFieldIndex(*std::move(image), field.key, field.schema);
    if (!loaded.ok()) {
      WarnOfRebuild(path, loaded.status());
      continue;
    }
    parts.fields[field.key] = *std::move(loaded);
    parts.field_numbers[field.key] = field.number;
  }
  auto segment = std::make_shared<const Segment>(std::move(parts));
  segment->Charge();
  return segment;
}

Manifest::Entry EntryOf(const Segment& segment, const TableSchema& schema, Seq watermark) {
  Manifest::Entry entry;
  entry.id = segment.id();
  entry.kind = segment.kind();
  entry.watermark = watermark;
  const RowSet stale = segment.stale().ToSet(segment.rows().size());
  if (stale.cardinality() > 0) entry.stale = EncodeSet(stale);
  const RowTable& rows = segment.rows();
  if (segment.kind() == SegmentKind::kSealed && rows.dead_rows() > 0) {
    for (uint32_t i = 0; i < rows.size(); ++i) {
      if (const Seq died = rows.died(LocalId{i}); died != kSeqMax) entry.deaths.emplace_back(i, died);
    }
  }
  for (const auto& [number, column] : segment.parts().vectors) {
    entry.vectors.push_back(number);
    if (column->has_index()) entry.graphs.push_back(number);
  }
  for (const FieldDef& field : schema.fields) {
    if (segment.Indexes(field)) entry.fields.emplace_back(field.number, field.key);
  }
  return entry;
}

}  // namespace lineal::engine
