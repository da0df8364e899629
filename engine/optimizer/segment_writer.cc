#include "engine/optimizer/segment_writer.h"

#include <algorithm>
#include <map>

#include "base/log.h"
#include "base/status.h"
#include "engine/payload/codec.h"
#include "engine/segment/column_pass.h"

namespace lineal::engine {
namespace {

constexpr size_t kPayloadsPerRead = 512;
constexpr size_t kRowsPerInsert = 16'384;  // between two looks at how much memory the graph takes

absl::Status CheckCancelled(const CompactionOptions& options) {
  if (options.cancelled != nullptr && options.cancelled->load())
    return absl::CancelledError("the optimizer is stopping");
  return absl::OkStatus();
}

// The input whose graph is worth carrying over: it covers at least half of the rows, and was built as the schema wants.
const VectorColumn* GraphWorthKeeping(const TableSchema& schema, const VectorDef& vector,
                                      const std::vector<RowPlace>& rows, const Segment** owner) {
  std::vector<std::pair<const Segment*, size_t>> counts;
  for (const RowPlace& place : rows) {
    if (counts.empty() || counts.back().first != place.segment) {
      auto it = std::find_if(counts.begin(), counts.end(), [&](const auto& c) { return c.first == place.segment; });
      if (it == counts.end()) {
        counts.emplace_back(place.segment, 0);
      } else {
        std::iter_swap(it, counts.end() - 1);
      }
    }
    ++counts.back().second;
  }
  for (const auto& [segment, count] : counts) {
    const VectorColumn* column = segment->Vector(vector.number);
    if (column == nullptr || column->graph() == nullptr || count * 2 < rows.size()) continue;
    if (schema.GraphDiffers(vector, *column->graph())) continue;
    if (column->indexed() * 2 < rows.size()) continue;
    *owner = segment;
    return column;
  }
  return nullptr;
}

// The input whose centroids serve the new rows as well: it holds at least half of them, its lists stay about as long,
// and they were not found by a few of its rows.
std::shared_ptr<const index::IvfIndex> ListsWorthKeeping(const VectorDef& vector, uint64_t present,
                                                         const std::vector<RowPlace>& rows, const Segment** owner) {
  std::map<const Segment*, size_t> counts;
  for (const RowPlace& place : rows) ++counts[place.segment];
  for (const auto& [segment, count] : counts) {
    const VectorColumn* column = segment->Vector(vector.number);
    if (column == nullptr || count * 2 < rows.size()) continue;
    const std::shared_ptr<const ColumnIndex> index = column->index();
    const std::shared_ptr<const index::IvfIndex> lists = index->lists;
    if (lists == nullptr || index->trained < index->indexed / 2) continue;
    const uint64_t wanted = index::IvfIndex::ListsFor(present);
    *owner = segment;
    if (lists->lists() * uint64_t{3} >= wanted * 2 && lists->lists() * uint64_t{2} <= wanted * 3) return lists;
  }
  return nullptr;
}

std::vector<LocalId> RemapOf(const Segment& owner, const std::vector<RowPlace>& rows) {
  std::vector<LocalId> remap(owner.rows().size(), kNoLocal);
  for (uint32_t i = 0; i < rows.size(); ++i) {
    if (rows[i].segment == &owner) remap[Raw(rows[i].local)] = LocalId{i};
  }
  return remap;
}

}  // namespace

absl::Status SegmentWriter::WriteRows(uint64_t id, const std::vector<RowPlace>& rows) {
  RowTable table(static_cast<uint32_t>(rows.size()));
  for (const RowPlace& place : rows) {
    const RowTable& from = place.segment->rows();
    const LocalId at = table.Append(RowEntry{from.row(place.local), from.point(place.local), from.born(place.local)});
    if (const Seq died = from.died(place.local); died != kSeqMax) table.MarkDied(at, died);
  }
  const WorkingMemory::Part held(&shard_.building(), table.memory_bytes());
  LINEAL_ASSIGN_OR_RETURN(auto file,
                          shard_.segment_store().files()->Create(shard_.segment_store().FileOf(id, "rows", 0)));
  LINEAL_RETURN_IF_ERROR(table.Save(file.get()));
  return file->Finish();
}

absl::Status SegmentWriter::WriteVectors(uint64_t id, const VectorDef& vector, const std::vector<RowPlace>& rows) {
  SegmentStore& store = shard_.segment_store();
  LINEAL_ASSIGN_OR_RETURN(auto file, store.files()->Create(store.FileOf(id, "vectors", vector.number)));
  VectorColumnWriter writer(vector.format, static_cast<uint32_t>(rows.size()), file.get());
  ColumnPasses passes;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i % 4096 == 0) LINEAL_RETURN_IF_ERROR(CheckCancelled(options_));
    const VectorColumn* column = rows[i].segment->Vector(vector.number);
    const bool has = column != nullptr && column->Has(rows[i].local);
    if (has) passes.Come(*column, rows[i].local);
    LINEAL_RETURN_IF_ERROR(writer.Append(has ? column->rows().at(rows[i].local) : nullptr));
  }
  LINEAL_RETURN_IF_ERROR(writer.Finish());
  return file->Finish();
}

absl::Status SegmentWriter::WriteFields(uint64_t id, const std::vector<const FieldDef*>& fields,
                                        const std::vector<RowPlace>& rows, RowSet* stale) {
  if (fields.empty()) return absl::OkStatus();
  LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<ShardView> view, shard_.View(std::nullopt));
  const Seq floor = shard_.floor();
  std::vector<std::unique_ptr<FieldIndexBuilder>> builders;
  for (const FieldDef* field : fields) builders.push_back(FieldIndexBuilder::Create(field->key, field->schema));
  MemoryLedger::Charge held = shard_.segment_store().ChargeFor(id, "payload_index");
  const Value none;
  for (size_t begin = 0; begin < rows.size(); begin += kPayloadsPerRead) {
    LINEAL_RETURN_IF_ERROR(CheckCancelled(options_));
    const size_t end = std::min(rows.size(), begin + kPayloadsPerRead);
    std::vector<RowId> wanted;
    for (size_t i = begin; i < end; ++i) wanted.push_back(rows[i].row());
    LINEAL_ASSIGN_OR_RETURN(auto payloads, view->store().GetPayloads(wanted, view->at()));
    for (size_t i = begin; i < end; ++i) {
      const auto& version = payloads[i - begin];
      Value payload;
      if (version && !version->value.empty()) {
        LINEAL_ASSIGN_OR_RETURN(payload, DecodePayload(version->value));
      }
      const Seq born = rows[i].segment->rows().born(rows[i].local);
      if (version && version->born > std::max(born, floor)) stale->add(static_cast<uint32_t>(i));
      for (auto& builder : builders) builder->Append(version ? payload : none);
    }
    uint64_t gathered = 0;
    for (const auto& builder : builders) gathered += builder->memory_bytes();
    held.Set(gathered);
  }
  SegmentStore& store = shard_.segment_store();
  for (size_t f = 0; f < fields.size(); ++f) {
    LINEAL_ASSIGN_OR_RETURN(auto file, store.files()->Create(store.FileOf(id, "field", fields[f]->number)));
    LINEAL_RETURN_IF_ERROR(builders[f]->Save(file.get()));
    LINEAL_RETURN_IF_ERROR(file->Finish());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const index::RowCodes>> SegmentWriter::WriteCodes(uint64_t id, const VectorDef& vector,
                                                                                 const VectorColumn& column,
                                                                                 uint32_t rows) {
  auto codes = column.Encode(rows, {shard_.schema()->CodeBits(vector), options_.executor, options_.parallelism});
  const WorkingMemory::Part held(&shard_.building(), codes->memory_bytes());
  SegmentStore& store = shard_.segment_store();
  LINEAL_ASSIGN_OR_RETURN(auto file, store.files()->Create(store.FileOf(id, "codes", vector.number)));
  LINEAL_RETURN_IF_ERROR(codes->Save(file.get()));
  LINEAL_RETURN_IF_ERROR(file->Finish());
  return codes;
}

absl::Status SegmentWriter::WriteIndex(uint64_t id, const VectorDef& vector, const VectorColumn& column,
                                       const std::vector<RowPlace>& rows) {
  // Rows are read in no order, again and again: as many as there is room for are to stay for that while.
  column.Advise(Residence::kSoon, 0, column.capacity());
  const absl::Status written = shard_.schema()->KindOf(vector) == IndexKind::kIvf
                                   ? WriteLists(id, vector, column, rows)
                                   : WriteGraph(id, vector, column, rows);
  column.Advise(Residence::kGivenBack, 0, column.capacity());
  return written;
}

absl::Status SegmentWriter::WriteLists(uint64_t id, const VectorDef& vector, const VectorColumn& column,
                                       const std::vector<RowPlace>& rows) {
  const auto count = static_cast<uint32_t>(rows.size());
  if (shard_.schema()->WantsCodes(vector) && column.codes() == nullptr) {
    LINEAL_RETURN_IF_ERROR(WriteCodes(id, vector, column, count).status());
  }
  index::IvfBuildOptions build;
  build.executor = options_.executor;
  build.parallelism = options_.parallelism;
  build.cancelled = options_.cancelled;
  build.progress = options_.done_rows;
  build.working = &shard_.building();
  index::IvfParams params;
  params.seed = vector.number + 1;
  const Segment* owner = nullptr;
  // A centroid may be the very vector of a row that is erased.
  const auto like =
      options_.erased.empty() ? ListsWorthKeeping(vector, column.present().count(), rows, &owner) : nullptr;
  std::vector<LocalId> remap;
  if (like != nullptr) {
    remap = RemapOf(*owner, rows);
    params.like = like.get();
    params.remap = remap;
  }
  LINEAL_ASSIGN_OR_RETURN(auto lists, index::IvfIndex::Build(
                                          vector.format, params, column.rows(), count,
                                          [&](LocalId row) { return column.Has(row); }, build));
  SegmentStore& store = shard_.segment_store();
  MemoryLedger::Charge held = store.ChargeFor(id, "lists");
  held.Set(lists->memory_bytes());
  LINEAL_ASSIGN_OR_RETURN(auto file, store.files()->Create(store.FileOf(id, "lists", vector.number)));
  LINEAL_RETURN_IF_ERROR(lists->Save(file.get()));
  LINEAL_RETURN_IF_ERROR(file->Finish());
  return shard_.schema()->WantsListedRows(vector) ? WriteListedRows(id, vector, column, *lists) : absl::OkStatus();
}

absl::Status SegmentWriter::WriteListedRows(uint64_t id, const VectorDef& vector, const VectorColumn& column,
                                            const index::IvfIndex& lists) {
  SegmentStore& store = shard_.segment_store();
  const std::string path = store.FileOf(id, SegmentStore::kListedRows, vector.number);
  // Searches may be reading the one there was.
  LINEAL_RETURN_IF_ERROR(store.files()->Remove(path));
  LINEAL_ASSIGN_OR_RETURN(auto file, store.files()->Create(path));
  LINEAL_RETURN_IF_ERROR(index::ListedRows::Save(vector.format, column.rows(), lists.ids(), file.get()));
  return file->Finish();
}

// They come and go with what the schema wants, beside lists that stay.
absl::Status SegmentWriter::AlignListedRows(uint64_t id, const VectorDef& vector, const VectorColumn& column) {
  if (column.lists() == nullptr) return absl::OkStatus();
  if (shard_.schema()->WantsListedRows(vector)) {
    if (column.listed_rows() != nullptr && !column.listed_rows()->damaged()) return absl::OkStatus();
    column.Advise(Residence::kSoon, 0, column.capacity());
    const absl::Status written = WriteListedRows(id, vector, column, *column.lists());
    column.Advise(Residence::kGivenBack, 0, column.capacity());
    return written;
  }
  SegmentStore& store = shard_.segment_store();
  return store.files()->Remove(store.FileOf(id, SegmentStore::kListedRows, vector.number));
}

// Lists of tenants come and go with what the schema wants, whose payload indexes have been written.
absl::Status SegmentWriter::AlignTenants(const TableSchema& schema, const Segment& segment, const VectorDef& vector) {
  SegmentStore& store = shard_.segment_store();
  const VectorColumn& column = *segment.Vector(vector.number);
  const std::vector<const FieldDef*> fields = schema.TenantFields(vector);
  const std::string path = store.FileOf(segment.id(), SegmentStore::kTenantLists, vector.number);
  if (fields.empty()) return store.files()->Remove(path);
  if (column.tenants() != nullptr && column.tenants()->AreOf(fields)) return absl::OkStatus();
  std::vector<std::shared_ptr<const FieldIndex>> indexes;
  for (const FieldDef* field : fields) {
    if (segment.Indexes(*field)) {
      indexes.push_back(segment.parts().fields.find(field->key)->second);
      continue;
    }
    LINEAL_ASSIGN_OR_RETURN(auto image, store.files()->Map(store.FileOf(segment.id(), "field", field->number)));
    LINEAL_ASSIGN_OR_RETURN(indexes.emplace_back(), LoadFieldIndex(std::move(image), field->key, field->schema));
  }
  index::IvfBuildOptions build;
  build.executor = options_.executor;
  build.parallelism = options_.parallelism;
  build.cancelled = options_.cancelled;
  build.working = &shard_.building();
  const TenantLists::Source source{.format = vector.format,
                                   .rows = column.rows(),
                                   .count = segment.rows().size(),
                                   .has = [&](LocalId row) { return column.Has(row); },
                                   .worth_it = [&](uint64_t some) { return schema.WantsIndex(vector, some); },
                                   .seed = vector.number + 1};
  LINEAL_ASSIGN_OR_RETURN(auto tenants, TenantLists::Build(source, fields, indexes, build));
  MemoryLedger::Charge held = store.ChargeFor(segment.id(), "lists");
  held.Set(tenants->memory_bytes());
  LINEAL_ASSIGN_OR_RETURN(auto file, store.files()->Create(path));
  LINEAL_RETURN_IF_ERROR(tenants->Save(file.get()));
  return file->Finish();
}

absl::Status SegmentWriter::WriteGraph(uint64_t id, const VectorDef& vector, const VectorColumn& column,
                                       const std::vector<RowPlace>& rows) {
  const auto count = static_cast<uint32_t>(rows.size());
  index::HnswIndex::InsertOptions insert;
  insert.executor = options_.executor;
  insert.parallelism = options_.parallelism;
  insert.cancelled = options_.cancelled;
  insert.progress = options_.done_rows;
  std::unique_ptr<index::HnswIndex> graph;
  const Segment* owner = nullptr;
  if (const VectorColumn* kept = GraphWorthKeeping(*shard_.schema(), vector, rows, &owner)) {
    LINEAL_ASSIGN_OR_RETURN(
        graph, index::HnswIndex::CopyRemapped(*kept->graph(), RemapOf(*owner, rows), column.rows(), count, insert));
    if (options_.done_rows != nullptr) *options_.done_rows += graph->size();
  }
  if (!graph) {
    graph = index::HnswIndex::Create(vector.format, shard_.schema()->GraphParams(vector), column.rows(), count);
  }
  SegmentStore& store = shard_.segment_store();
  MemoryLedger::Charge codes_held = store.ChargeFor(id, "codes");
  MemoryLedger::Charge graph_held = store.ChargeFor(id, "graph");
  graph_held.Set(graph->memory_bytes());
  if (shard_.schema()->WantsCodes(vector)) {
    std::shared_ptr<const index::RowCodes> codes = column.index()->codes;
    if (!codes) {
      LINEAL_ASSIGN_OR_RETURN(codes, WriteCodes(id, vector, column, count));
    }
    // Links are chosen by codes of eight bits or by the rows, whatever a search goes by.
    if (codes->bits() < 8) codes = column.Encode(count, {8, options_.executor, options_.parallelism});
    codes_held.Set(codes.get() == column.codes() ? 0 : codes->memory_bytes());
    graph->AttachCodes(std::move(codes));
  }
  std::vector<LocalId> missing;
  for (uint32_t i = 0; i < count; ++i) {
    if (column.Has(LocalId{i}) && !graph->Contains(LocalId{i})) missing.push_back(LocalId{i});
  }
  for (std::span<const LocalId> rest = missing; !rest.empty();) {
    const std::span<const LocalId> some = rest.first(std::min(kRowsPerInsert, rest.size()));
    LINEAL_RETURN_IF_ERROR(graph->Insert(some, insert));
    graph_held.Set(graph->memory_bytes() + graph->scratch_bytes());
    rest = rest.subspan(some.size());
  }
  LINEAL_ASSIGN_OR_RETURN(auto file, store.files()->Create(store.FileOf(id, "graph", vector.number)));
  LINEAL_RETURN_IF_ERROR(graph->Save(file.get(), Raw(shard_.visible())));
  return file->Finish();
}

absl::StatusOr<std::shared_ptr<const Segment>> SegmentWriter::Write(const std::vector<RowPlace>& rows,
                                                                    SegmentKind kind) {
  const uint64_t id = shard_.NewSegmentId();
  auto segment = WriteFolder(id, rows, kind);
  // Half a segment gives its room back at once: a full disk is a likely reason for it.
  if (!segment.ok()) (void)shard_.segment_store().files()->Remove(shard_.segment_store().FolderOf(id));
  return segment;
}

absl::StatusOr<std::shared_ptr<const Segment>> SegmentWriter::WriteFolder(uint64_t id,
                                                                          const std::vector<RowPlace>& rows,
                                                                          SegmentKind kind) {
  SegmentStore& store = shard_.segment_store();
  const std::shared_ptr<const TableSchema> schema = shard_.schema();
  Manifest::Entry entry;
  entry.id = id;
  entry.kind = kind;
  entry.watermark = shard_.visible();
  LINEAL_RETURN_IF_ERROR(store.files()->CreateDirectories(store.FolderOf(entry.id)));
  LINEAL_RETURN_IF_ERROR(WriteRows(entry.id, rows));
  for (const VectorDef& vector : schema->vectors) {
    LINEAL_RETURN_IF_ERROR(WriteVectors(entry.id, vector, rows));
    entry.vectors.push_back(vector.number);
  }
  std::vector<const FieldDef*> fields;
  for (const FieldDef& field : schema->fields) {
    fields.push_back(&field);
    entry.fields.emplace_back(field.number, field.key);
  }
  RowSet stale;
  LINEAL_RETURN_IF_ERROR(WriteFields(entry.id, fields, rows, &stale));
  LINEAL_ASSIGN_OR_RETURN(std::shared_ptr<const Segment> segment, store.Load(entry, *schema));
  for (uint32_t row : stale) segment->stale().Set(LocalId{row});
  if (kind != SegmentKind::kSealed) return segment;

  bool wrote = false;
  for (const VectorDef& vector : schema->vectors) {
    const VectorColumn* column = segment->Vector(vector.number);
    if (!schema->WantsIndex(vector, column->present().count())) continue;
    wrote = true;
    // Lists are made in a moment, and those of a growing segment are taken over.
    if (options_.build_graphs || schema->KindOf(vector) == IndexKind::kIvf) {
      LINEAL_RETURN_IF_ERROR(WriteIndex(entry.id, vector, *column, rows));
      // Without them tenants are filters; the segment is not to wait for that.
      if (absl::Status made = AlignTenants(*schema, *segment, vector); absl::IsCancelled(made)) {
        return made;
      } else if (!made.ok()) {
        Log(LogLevel::kWarning, "the lists of tenants will be made later",
            {{"segment", StrCat(entry.id)}, {"error", std::string(MessageOf(made))}});
      }
      entry.graphs.push_back(vector.number);
    } else if (schema->WantsCodes(vector)) {
      // Until there is an index all rows are scanned: by codes that takes a quarter of the bytes.
      LINEAL_RETURN_IF_ERROR(WriteCodes(entry.id, vector, *column, static_cast<uint32_t>(rows.size())).status());
    }
  }
  if (!wrote) return segment;
  LINEAL_ASSIGN_OR_RETURN(segment, store.Load(entry, *schema));
  for (uint32_t row : stale) segment->stale().Set(LocalId{row});
  return segment;
}

// Codes come and go with what the schema wants, under a graph that stays.
absl::Status SegmentWriter::AlignCodes(uint64_t id, const VectorDef& vector, const VectorColumn& column,
                                       uint32_t rows) {
  const uint32_t wanted = shard_.schema()->CodeBits(vector);
  if (wanted == column.code_bits()) return absl::OkStatus();
  if (wanted != 0) return WriteCodes(id, vector, column, rows).status();
  SegmentStore& store = shard_.segment_store();
  return store.files()->Remove(store.FileOf(id, "codes", vector.number));
}

absl::StatusOr<std::shared_ptr<const Segment>> SegmentWriter::Complete(const std::shared_ptr<const Segment>& segment) {
  SegmentStore& store = shard_.segment_store();
  const std::shared_ptr<const TableSchema> schema = shard_.schema();
  Manifest::Entry entry = EntryOf(*segment, *schema, segment->parts().watermark);
  std::vector<RowPlace> rows;
  for (uint32_t i = 0; i < segment->rows().size(); ++i) rows.push_back(RowPlace{segment.get(), LocalId{i}});

  std::vector<const FieldDef*> fields;
  for (const FieldDef& field : schema->fields) {
    if (segment->Indexes(field)) continue;
    fields.push_back(&field);
    entry.fields.emplace_back(field.number, field.key);
  }
  RowSet stale = segment->stale().ToSet(segment->rows().size());
  LINEAL_RETURN_IF_ERROR(WriteFields(entry.id, fields, rows, &stale));
  for (const VectorDef& vector : schema->vectors) {
    const VectorColumn* column = segment->Vector(vector.number);
    if (column == nullptr || segment->kind() != SegmentKind::kSealed) continue;
    if (column->has_index()) {
      LINEAL_RETURN_IF_ERROR(AlignCodes(entry.id, vector, *column, static_cast<uint32_t>(rows.size())));
      LINEAL_RETURN_IF_ERROR(AlignListedRows(entry.id, vector, *column));
      if (column->lists() != nullptr) LINEAL_RETURN_IF_ERROR(AlignTenants(*schema, *segment, vector));
      continue;
    }
    if (!options_.build_graphs || !schema->WantsIndex(vector, column->present().count())) continue;
    LINEAL_RETURN_IF_ERROR(WriteIndex(entry.id, vector, *column, rows));
    LINEAL_RETURN_IF_ERROR(AlignTenants(*schema, *segment, vector));
    entry.graphs.push_back(vector.number);
  }
  LINEAL_ASSIGN_OR_RETURN(std::shared_ptr<const Segment> loaded, store.Load(entry, *schema));
  for (uint32_t row : stale) loaded->stale().Set(LocalId{row});
  if (MemoryDiffers(*loaded, *schema)) {
    return Unavailable("segment ", entry.id, ": its vectors cannot be read as they are to be kept");
  }
  if (TenantsDiffer(*loaded, *schema)) {
    return Unavailable("segment ", entry.id, ": the lists of its tenants cannot be read");
  }
  SegmentParts parts = loaded->parts();
  parts.files = segment->parts().files;  // the same folder: it goes with the last holder of either
  return std::make_shared<const Segment>(std::move(parts));
}

}  // namespace lineal::engine
