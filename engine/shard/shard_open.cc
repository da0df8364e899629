#include <algorithm>
#include <set>

#include "base/coding.h"
#include "base/log.h"
#include "base/status.h"
#include "engine/payload/codec.h"
#include "engine/shard/shard.h"

namespace lineal::engine {
namespace {

constexpr char kNextRowKey[] = "next_row";
constexpr char kLiveKey[] = "live";
constexpr char kFloorKey[] = "floor";
constexpr size_t kRowsPerRestore = 1'000;

absl::StatusOr<uint64_t> MetaNumber(const storage::ShardStore& store, std::string_view key) {
  LINEAL_ASSIGN_OR_RETURN(std::optional<std::string> bytes, store.GetMeta(key));
  if (!bytes) return uint64_t{0};
  if (bytes->size() != 8) return DataLoss("meta value `", key, "` has ", bytes->size(), " bytes");
  return LoadFixed<uint64_t>(bytes->data());
}

}  // namespace

Shard::Shard(const ShardEnvironment& environment, std::shared_ptr<const TableSchema> schema)
    : environment_(environment),
      schema_(std::move(schema)),
      segment_store_(environment.directory + "/segments", environment.files, environment.ledger,
                     MemoryOwner{environment.collection, StrCat(Raw(environment.id)), ""}, environment.budget),
      building_(environment.ledger, MemoryOwner{environment.collection, StrCat(Raw(environment.id)), "building"}),
      backlog_(environment.seal_backlog, &segments_) {
  AwaitViews();  // from here on they are counted
}

Shard::~Shard() {
  probes_.clear();
  log_.reset();
  growing_.reset();
  segments_.Set(nullptr);
  if (store_) store_->Close();
}

absl::StatusOr<std::unique_ptr<Shard>> Shard::Open(const ShardEnvironment& environment,
                                                   std::shared_ptr<const TableSchema> schema) {
  std::unique_ptr<Shard> shard(new Shard(environment, std::move(schema)));
  if (absl::Status status = shard->Load(); !status.ok()) {
    return Annotate(status, StrCat("shard ", Raw(environment.id), " of collection `", environment.collection, "`"));
  }
  return shard;
}

absl::Status Shard::Load() {
  LINEAL_RETURN_IF_ERROR(environment_.files->CreateDirectories(segment_store_.directory()));
  LINEAL_ASSIGN_OR_RETURN(store_, storage::ShardStore::Open(environment_.directory + "/db", environment_.resources));
  for (const auto& [kind, part] : {std::pair{"memtables", &storage::StoreMemory::memtables},
                                   std::pair{"table_readers", &storage::StoreMemory::table_readers}}) {
    probes_.emplace_back(environment_.ledger, MemoryOwner{environment_.collection, StrCat(Raw(environment_.id)), kind},
                         [this, part = part] { return store_->memory().*part; });
  }
  const storage::LogHead applied = store_->applied();
  LINEAL_ASSIGN_OR_RETURN(log_, environment_.log->OpenShard(environment_.id, applied));

  LINEAL_ASSIGN_OR_RETURN(uint64_t next_row, MetaNumber(*store_, kNextRowKey));
  LINEAL_ASSIGN_OR_RETURN(uint64_t live, MetaNumber(*store_, kLiveKey));
  LINEAL_ASSIGN_OR_RETURN(uint64_t floor, MetaNumber(*store_, kFloorKey));
  next_row_ = RowId{next_row};
  LINEAL_RETURN_IF_ERROR(LoadOrigins());
  LINEAL_RETURN_IF_ERROR(LoadRedacted());
  live_ = static_cast<int64_t>(live);
  floor_ = floor;
  visible_ = Raw(applied.seq);

  Manifest manifest;
  bool complete = true;
  LINEAL_RETURN_IF_ERROR(LoadSegments(&manifest, &complete));
  LINEAL_RETURN_IF_ERROR(RestoreGrowing(complete ? manifest.growing_from : RowId{0}, !complete));
  LINEAL_RETURN_IF_ERROR(MarkDeaths(complete && !manifest.purging ? manifest.growing_from : RowId{0}));
  Seq from = applied.seq;
  for (const Manifest::Entry& entry : manifest.segments) from = std::min(from, entry.watermark);
  LINEAL_RETURN_IF_ERROR(RollForward(Next(from)));

  {
    std::lock_guard lock(apply_mutex_);
    LINEAL_RETURN_IF_ERROR(ApplyCommitted());
    replaying_ = false;
    outcomes_.clear();
  }
  segment_store_.RemoveStrays(ManifestOf(*segments()));
  return absl::OkStatus();
}

absl::Status Shard::LoadOrigins() {
  LINEAL_RETURN_IF_ERROR(origins_.Load(*store_));
  LINEAL_ASSIGN_OR_RETURN(const std::optional<std::string> from, store_->GetMeta(kOriginsFromKey));
  if (from) return absl::OkStatus();
  std::unique_ptr<storage::StoreBatch> batch = store_->NewBatch();
  std::string bytes;
  PutFixed(&bytes, Raw(next_row_));
  batch->PutMeta(kOriginsFromKey, bytes);
  return store_->Commit(std::move(batch), store_->applied());
}

absl::Status Shard::LoadSegments(Manifest* manifest, bool* complete) {
  absl::StatusOr<Manifest> read = segment_store_.ReadManifest();
  if (!read.ok()) {
    Log(LogLevel::kWarning, "a damaged segment manifest will be rebuilt from the rows",
        {{"collection", environment_.collection}, {"error", std::string(MessageOf(read.status()))}});
    *complete = false;
    read = Manifest{};
  }
  *manifest = *std::move(read);
  auto list = std::make_shared<SegmentList>();
  uint64_t greatest_id = manifest->next_segment_id;
  for (const Manifest::Entry& entry : manifest->segments) {
    auto segment = segment_store_.Load(entry, *schema());
    if (!segment.ok()) {
      Log(LogLevel::kWarning, "a damaged segment will be rebuilt from the rows",
          {{"collection", environment_.collection},
           {"segment", std::to_string(entry.id)},
           {"error", std::string(MessageOf(segment.status()))}});
      *complete = false;
      continue;
    }
    greatest_id = std::max(greatest_id, entry.id + 1);
    list->push_back(*std::move(segment));
  }
  next_segment_id_ = greatest_id;
  segments_.Set(std::move(list));
  ReplaceGrowing(nullptr);
  return absl::OkStatus();
}

// Rows in no sealed segment go into growing ones again: those after the last sealed row, or, when a segment was lost,
// whatever rows no remaining segment holds.
absl::Status Shard::RestoreGrowing(RowId from, bool everything) {
  absl::Status failure;
  std::vector<std::shared_ptr<const Segment>> sealed = *segments();
  std::erase(sealed, growing_);
  auto is_sealed = [&](RowId row) {
    return std::any_of(sealed.begin(), sealed.end(), [&](const auto& s) { return s->rows().Find(row).has_value(); });
  };
  std::map<RowId, std::string> rows;
  LINEAL_RETURN_IF_ERROR(store_->ScanRows(from, [&](RowId row, std::string_view bytes) {
    if (everything && is_sealed(row)) return true;
    rows.emplace_hint(rows.end(), row, bytes);
    if (rows.size() < kRowsPerRestore) return true;
    failure = RestoreRows(rows);
    rows.clear();
    return failure.ok();
  }));
  LINEAL_RETURN_IF_ERROR(failure);
  return RestoreRows(rows);
}

// Rows come with their newest payloads from one pass over both, not from a look-up for each.
absl::Status Shard::RestoreRows(const std::map<RowId, std::string>& rows) {
  if (rows.empty()) return absl::OkStatus();
  std::map<RowId, storage::PayloadVersion> payloads;
  if (!schema()->fields.empty()) {
    const RowId last = rows.rbegin()->first;
    LINEAL_RETURN_IF_ERROR(store_->ScanPayloads(rows.begin()->first, [&](RowId row, Seq born, std::string_view bytes) {
      if (row > last) return false;
      if (rows.contains(row)) payloads.try_emplace(row, storage::PayloadVersion{born, std::string(bytes)});
      return true;
    }));
  }
  for (const auto& [row, bytes] : rows) {
    auto payload = payloads.find(row);
    LINEAL_RETURN_IF_ERROR(RestoreRow(row, bytes, payload == payloads.end() ? nullptr : &payload->second));
  }
  return absl::OkStatus();
}

absl::Status Shard::RestoreRow(RowId row, std::string_view bytes, const storage::PayloadVersion* version) {
  absl::StatusOr<RowRecord> record = DecodeRowRecord(bytes);
  if (!record.ok()) return Annotate(record.status(), StrCat("row ", Raw(row)));
  NewRow fresh;
  fresh.entry = RowEntry{.row = row, .point = record->point, .born = record->born};
  for (const StoredVector& vector : record->vectors) fresh.vectors.emplace_back(vector.number, vector.row);
  Value payload;
  if (version != nullptr) {
    if (!version->value.empty()) {
      LINEAL_ASSIGN_OR_RETURN(payload, DecodePayload(version->value));
    }
    fresh.stale = version->born > record->born;
    fresh.payload = &payload;
  }
  AppendRow(fresh);
  return absl::OkStatus();
}

absl::Status Shard::MarkDeaths(RowId from) {
  std::shared_ptr<const SegmentList> list = segments();
  LINEAL_RETURN_IF_ERROR(store_->ScanDied(from, [&](RowId row, Seq died) {
    if (auto place = Locate(*list, row)) {
      place->segment->rows().MarkDied(place->local, died);
    } else if (died <= floor()) {
      leftover_.push_back(row);
    }
    return true;
  }));
  // A crash between a swap and its purge leaves rows that no segment holds. Nobody can see them: they need not go
  // before the shard is open.
  if (!leftover_.empty()) ++purges_;
  return absl::OkStatus();
}

// What happened to rows of sealed segments since their manifest was written.
absl::Status Shard::RollForward(Seq from) {
  std::shared_ptr<const SegmentList> list = segments();
  return store_->ScanChanges(from, [&](Seq seq, const storage::ChangeRecord& change) {
    for (RowId row : change.died) {
      if (auto place = Locate(*list, row)) place->segment->rows().MarkDied(place->local, seq);
    }
    for (RowId row : change.payload_changed) {
      if (auto place = Locate(*list, row)) place->segment->stale().Set(place->local);
    }
    return true;
  });
}

}  // namespace lineal::engine
