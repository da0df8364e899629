#include "storage/log/log_database.h"

#include <algorithm>
#include <utility>

#include "base/coding.h"
#include "base/log.h"
#include "base/status.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "rocksdb/write_batch.h"
#include "storage/log/log_options.h"
#include "storage/log/wal_check.h"
#include "storage/rocks/obsolete_files.h"
#include "storage/rocks/rocks_status.h"

namespace lineal::storage {
namespace {

constexpr char kMarkName[] = "mark";
constexpr char kFormatKey[] = "format";
constexpr char kFormat[] = "1";
constexpr size_t kKeyBytes = 12;

std::string SegmentName(uint64_t number) { return StrCat("s", number); }

// 0 for a family that is none.
uint64_t NumberOfSegment(const std::string& name) {
  return name[0] == 's' ? std::strtoull(name.c_str() + 1, nullptr, 10) : 0;
}

std::string Key(ShardId shard, Seq seq) {
  std::string key;
  PutBig32(&key, Raw(shard));
  PutBig64(&key, Raw(seq));
  return key;
}

ShardId ShardOf(const rocksdb::Slice& key) { return ShardId{GetBig32(key.data())}; }
Seq SeqOf(const rocksdb::Slice& key) { return Seq{GetBig64(key.data() + 4)}; }
rocksdb::Slice SliceOf(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

rocksdb::WriteOptions Synced() {
  rocksdb::WriteOptions options;
  options.sync = true;
  return options;
}

rocksdb::ReadOptions Scan() {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.verify_checksums = true;
  return options;
}

}  // namespace

LogDatabase::Segment::~Segment() {
  if (handle != nullptr) database->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
}

LogDatabase::LogDatabase(std::string directory, uint64_t segment_bytes)
    : directory_(std::move(directory)), segment_bytes_(segment_bytes) {}

LogDatabase::~LogDatabase() {
  spare_.reset();
  segments_.clear();
  if (!database_) return;
  for (rocksdb::ColumnFamilyHandle* handle : {default_family_, mark_family_}) {
    if (handle != nullptr) database_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  if (rocksdb::Status closed = database_->Close(); !closed.ok()) {
    Log(LogLevel::kWarning, "the change log did not close cleanly", {{"error", closed.ToString()}});
  }
}

absl::StatusOr<std::unique_ptr<LogDatabase>> LogDatabase::Open(const std::string& directory, RocksResources* resources,
                                                               uint64_t segment_bytes) {
  std::unique_ptr<LogDatabase> log(new LogDatabase(directory, segment_bytes));
  LINEAL_RETURN_IF_ERROR(resources->MakeDirectory(directory));
  LINEAL_RETURN_IF_ERROR(log->OpenFamilies(resources));
  LINEAL_RETURN_IF_ERROR(log->CheckFormat());
  for (const SegmentPtr& segment : log->segments_) LINEAL_RETURN_IF_ERROR(log->FindNewest(segment.get()));
  // The marker family's own record would hold the WALs that were recovered.
  log->wal_to_roll_ = !log->segments_.empty();
  LINEAL_ASSIGN_OR_RETURN(SegmentPtr active, log->CreateSegment(log->next_number_++));
  log->segments_.push_back(std::move(active));
  log->wants_maintenance_ = true;
  return log;
}

absl::Status LogDatabase::OpenFamilies(RocksResources* resources) {
  const rocksdb::DBOptions options = LogDatabaseOptions(resources, segment_bytes_);
  std::vector<std::string> names;
  // A directory without a CURRENT file is a new log.
  rocksdb::Status listed = options.env->FileExists(directory_ + "/CURRENT");
  if (listed.IsNotFound()) {
    names = {rocksdb::kDefaultColumnFamilyName};
  } else {
    if (listed.ok()) listed = rocksdb::DB::ListColumnFamilies(options, directory_, &names);
    LINEAL_RETURN_IF_ERROR(FromRocks(listed, StrCat("change log ", directory_, ": list segments")));
  }
  if (std::find(names.begin(), names.end(), kMarkName) == names.end()) names.push_back(kMarkName);

  std::vector<uint64_t> live;
  for (const std::string& name : names) {
    if (uint64_t number = NumberOfSegment(name)) live.push_back(number);
  }
  std::sort(live.begin(), live.end());
  LINEAL_RETURN_IF_ERROR(CheckWals(options.env, directory_, live));

  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) {
    families.emplace_back(name,
                          NumberOfSegment(name) ? SegmentOptions(segment_bytes_) : rocksdb::ColumnFamilyOptions());
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  rocksdb::Status status = rocksdb::DB::Open(options, directory_, families, &handles, &opened);
  if (!status.ok()) return FromRocks(status, StrCat("open change log ", directory_));
  database_.reset(opened);
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == rocksdb::kDefaultColumnFamilyName) {
      default_family_ = handles[i];
    } else if (names[i] == kMarkName) {
      mark_family_ = handles[i];
    } else {
      auto segment = std::make_shared<Segment>();
      segment->database = opened;
      segment->handle = handles[i];
      segment->number = NumberOfSegment(names[i]);
      segments_.push_back(std::move(segment));
    }
  }
  std::sort(segments_.begin(), segments_.end(), [](auto& a, auto& b) { return a->number < b->number; });
  if (!segments_.empty()) next_number_ = segments_.back()->number + 1;
  return absl::OkStatus();
}

absl::Status LogDatabase::CheckFormat() {
  std::string format;
  rocksdb::Status status = database_->Get(rocksdb::ReadOptions(), mark_family_, kFormatKey, &format);
  if (status.IsNotFound()) status = database_->Put(Synced(), mark_family_, kFormatKey, kFormat);
  if (!status.ok()) return FromRocks(status, StrCat("change log ", directory_, ": format"));
  if (!format.empty() && format != kFormat) {
    return FailedPrecondition("change log ", directory_, " has format ", format, ", this program writes format ",
                              kFormat, ": use the program that wrote it");
  }
  return absl::OkStatus();
}

// Skips from shard to shard: two seeks each.
absl::Status LogDatabase::FindNewest(Segment* segment) {
  std::unique_ptr<rocksdb::Iterator> at(database_->NewIterator(Scan(), segment->handle));
  at->SeekToFirst();
  while (at->Valid()) {
    if (at->key().size() != kKeyBytes)
      return DataLoss("change log ", directory_, ": a key of ", at->key().size(), " bytes");
    const ShardId shard = ShardOf(at->key());
    const std::string last = Key(shard, kSeqMax);
    at->SeekForPrev(last);
    if (!at->Valid()) break;
    segment->newest[shard] = SeqOf(at->key());
    at->Next();
  }
  return FromRocks(at->status(), StrCat("change log ", directory_, ": read segment ", segment->number));
}

absl::StatusOr<LogDatabase::SegmentPtr> LogDatabase::CreateSegment(uint64_t number) {
  auto segment = std::make_shared<Segment>();
  segment->database = database_.get();
  segment->number = number;
  rocksdb::Status status =
      database_->CreateColumnFamily(SegmentOptions(segment_bytes_), SegmentName(number), &segment->handle);
  if (!status.ok()) return FromRocks(status, StrCat("change log ", directory_, ": create segment ", number));
  return segment;
}

void LogDatabase::Put(rocksdb::WriteBatch* batch, ShardId shard, Seq seq, std::string_view header,
                      std::string_view body) {
  const std::string key = Key(shard, seq);
  const rocksdb::Slice keys[] = {key};
  const rocksdb::Slice values[] = {SliceOf(header), SliceOf(body)};
  batch->Put(Active()->handle, rocksdb::SliceParts(keys, 1), rocksdb::SliceParts(values, 2)).PermitUncheckedError();
}

absl::Status LogDatabase::Write(rocksdb::WriteBatch* batch, const std::vector<std::pair<ShardId, Seq>>& newest) {
  TagBatch(batch, Active()->number);
  rocksdb::Status status = database_->Write(Synced(), batch);
  if (!status.ok()) return FromRocks(status, StrCat("change log ", directory_, ": write"));
  std::lock_guard lock(mutex_);
  Segment& active = *segments_.back();
  active.bytes += batch->GetDataSize();
  for (const auto& [shard, seq] : newest) active.newest[shard] = seq;
  SwitchIfFull();
  return absl::OkStatus();
}

// A pointer swap: the new segment was made ahead of time. Without a spare the old one goes on growing.
void LogDatabase::SwitchIfFull() {
  const uint64_t bytes = segments_.back()->bytes;
  if (bytes >= segment_bytes_ && spare_) {
    segments_.push_back(std::move(spare_));
    spare_.reset();
    wal_to_roll_ = true;
    wants_maintenance_ = true;
  } else if (bytes >= segment_bytes_ / 2 && !spare_) {
    wants_maintenance_ = true;
  }
}

absl::Status LogDatabase::Maintain(const ReleasedSeq& released) {
  wants_maintenance_ = false;
  LINEAL_RETURN_IF_ERROR(MakeSpare());
  LINEAL_RETURN_IF_ERROR(DropReleased(released));
  return BeginNewWal();
}

absl::Status LogDatabase::MakeSpare() {
  uint64_t number = 0;
  {
    std::lock_guard lock(mutex_);
    if (spare_ || segments_.back()->bytes < segment_bytes_ / 2) return absl::OkStatus();
    number = next_number_++;
  }
  LINEAL_ASSIGN_OR_RETURN(SegmentPtr spare, CreateSegment(number));
  std::lock_guard lock(mutex_);
  spare_ = std::move(spare);
  // It may have filled up in the meantime; the next write switches.
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> LogDatabase::Cut() {
  SegmentPtr fresh;
  uint64_t number = 0;
  {
    std::lock_guard lock(mutex_);
    // Made before: its number comes first.
    fresh = std::move(spare_);
    spare_.reset();
    if (!fresh) number = next_number_++;
  }
  if (!fresh) {
    LINEAL_ASSIGN_OR_RETURN(fresh, CreateSegment(number));
  }
  {
    std::lock_guard lock(mutex_);
    number = fresh->number;
    segments_.push_back(std::move(fresh));
    wal_to_roll_ = true;
  }
  LINEAL_RETURN_IF_ERROR(BeginNewWal());
  return number;
}

absl::StatusOr<bool> LogDatabase::LetGo(uint64_t number, const ReleasedSeq& released) {
  LINEAL_RETURN_IF_ERROR(Maintain(released));
  {
    std::lock_guard lock(mutex_);
    wal_to_roll_ = true;
  }
  LINEAL_RETURN_IF_ERROR(BeginNewWal());
  LINEAL_RETURN_IF_ERROR(RemoveObsoleteFiles(database_.get(), StrCat("change log ", directory_)));
  std::lock_guard lock(mutex_);
  return segments_.front()->number >= number;
}

// RocksDB begins a new WAL when a memtable is switched, and lets those go that no family needs any more when a flush
// has ended; flushing the marker family is the cheapest way to both.
absl::Status LogDatabase::BeginNewWal() {
  uint64_t number = 0;
  {
    std::lock_guard lock(mutex_);
    if (!wal_to_roll_) return absl::OkStatus();
    wal_to_roll_ = false;
    number = segments_.back()->number;
  }
  std::string value;
  PutFixed(&value, number);
  rocksdb::Status status = database_->Put(Synced(), mark_family_, "segment", value);
  if (status.ok()) status = database_->Flush(rocksdb::FlushOptions(), mark_family_);
  return FromRocks(status, StrCat("change log ", directory_, ": begin a new WAL"));
}

absl::Status LogDatabase::DropReleased(const ReleasedSeq& released) {
  for (;;) {
    SegmentPtr oldest;
    {
      std::lock_guard lock(mutex_);
      if (segments_.size() < 2) return absl::OkStatus();
      for (const auto& [shard, seq] : segments_.front()->newest) {
        if (released(shard) < seq) return absl::OkStatus();
      }
      oldest = std::move(segments_.front());
      segments_.pop_front();
    }
    rocksdb::Status status = database_->DropColumnFamily(oldest->handle);
    if (!status.ok()) return FromRocks(status, StrCat("change log ", directory_, ": drop segment ", oldest->number));
    std::lock_guard lock(mutex_);
    wal_to_roll_ = true;
  }
}

// Only the leader changes which segment is last, so it stays so until its write is done.
LogDatabase::Segment* LogDatabase::Active() const {
  std::lock_guard lock(mutex_);
  return segments_.back().get();
}

std::vector<LogDatabase::SegmentPtr> LogDatabase::Segments() const {
  std::lock_guard lock(mutex_);
  return {segments_.begin(), segments_.end()};
}

absl::Status LogDatabase::ReadShard(ShardId shard, Seq from, const EntryVisitor& visit) const {
  const std::string first = Key(shard, from);
  for (const SegmentPtr& segment : Segments()) {
    std::unique_ptr<rocksdb::Iterator> at(database_->NewIterator(Scan(), segment->handle));
    for (at->Seek(first); at->Valid() && ShardOf(at->key()) == shard; at->Next()) {
      LINEAL_RETURN_IF_ERROR(visit(SeqOf(at->key()), {at->value().data(), at->value().size()}));
    }
    if (!at->status().ok()) {
      return FromRocks(at->status(), StrCat("change log ", directory_, ": read segment ", segment->number));
    }
  }
  return absl::OkStatus();
}

std::vector<ShardId> LogDatabase::Shards() const {
  std::lock_guard lock(mutex_);
  std::vector<ShardId> shards;
  for (const SegmentPtr& segment : segments_) {
    for (const auto& [shard, seq] : segment->newest) shards.push_back(shard);
  }
  std::sort(shards.begin(), shards.end());
  shards.erase(std::unique(shards.begin(), shards.end()), shards.end());
  return shards;
}

std::vector<ShardId> LogDatabase::HoldingBack(const ReleasedSeq& released) const {
  std::lock_guard lock(mutex_);
  std::vector<ShardId> shards;
  if (segments_.size() < 2) return shards;
  for (const auto& [shard, seq] : segments_.front()->newest) {
    if (released(shard) < seq) shards.push_back(shard);
  }
  std::sort(shards.begin(), shards.end());
  return shards;
}

absl::Status LogDatabase::DeleteShard(ShardId shard) {
  const std::string first = Key(shard, kNoSeq);
  const std::string beyond = Key(shard, kSeqMax) + '\0';
  std::lock_guard lock(mutex_);
  rocksdb::WriteBatch batch;
  for (const SegmentPtr& segment : segments_) {
    if (!segment->newest.contains(shard)) continue;
    batch.DeleteRange(segment->handle, first, beyond).PermitUncheckedError();
    segment->newest.erase(shard);
  }
  if (batch.Count() == 0) return absl::OkStatus();
  wants_maintenance_ = true;
  return FromRocks(database_->Write(Synced(), &batch), StrCat("change log ", directory_, ": forget a shard"));
}

absl::Status LogDatabase::VerifyChecksums() {
  return FromRocks(database_->VerifyChecksum(), StrCat("change log ", directory_));
}

uint64_t LogDatabase::memory_bytes() const {
  uint64_t bytes = 0;
  database_->GetAggregatedIntProperty(rocksdb::DB::Properties::kSizeAllMemTables, &bytes);
  return bytes;
}

uint64_t LogDatabase::disk_bytes() const {
  uint64_t files = 0;
  database_->GetAggregatedIntProperty(rocksdb::DB::Properties::kTotalSstFilesSize, &files);
  rocksdb::VectorLogPtr wals;
  if (database_->GetSortedWalFiles(wals).ok()) {
    for (const auto& wal : wals) files += wal->SizeFileBytes();
  }
  return files;
}

}  // namespace lineal::storage
