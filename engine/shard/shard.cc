#include "engine/shard/shard.h"

#include <algorithm>

#include "base/check.h"
#include "base/coding.h"
#include "base/log.h"
#include "base/status.h"
#include "engine/payload/codec.h"
#include "engine/shard/apply_group.h"

namespace lineal::engine {
namespace {

constexpr size_t kGroupBytesMax = 8 << 20;
constexpr uint32_t kRollRowsMin = 8'192;
// In the log, on its way, in the data and in the growing segment.
constexpr uint64_t kCopiesOfAWrite = 4;

bool SelectsByFilter(const std::vector<ShardOp>& ops) {
  return std::any_of(ops.begin(), ops.end(), [](const ShardOp& op) {
    return std::visit(
        [](const auto& any) {
          if constexpr (requires { any.points.index(); }) return any.points.index() == 1;
          return false;
        },
        op);
  });
}

void CollectIds(const std::vector<ShardOp>& ops, std::vector<PointId>* ids) {
  for (const ShardOp& op : ops) {
    std::visit(
        [&](const auto& any) {
          if constexpr (requires { any.points.index(); }) {
            if (const auto* given = std::get_if<0>(&any.points)) ids->insert(ids->end(), given->begin(), given->end());
          } else if constexpr (requires { any.points; }) {
            for (const OpPoint& point : any.points) ids->push_back(point.id);
          }
        },
        op);
  }
}

std::string Number(uint64_t value) {
  std::string bytes;
  PutFixed(&bytes, value);
  return bytes;
}

}  // namespace

absl::StatusOr<Shard::Written> Shard::Write(const storage::EntryDraft& draft) {
  LINEAL_RETURN_IF_ERROR(Health());
  if (!draft.frees_space) LINEAL_RETURN_IF_ERROR(backlog_.WaitForRoom(schema()->optimizer.growing_rows_max));
  if (!draft.frees_space && environment_.budget != nullptr) {
    if (absl::Status granted = environment_.budget->Take(kCopiesOfAWrite * draft.body.size()); !granted.ok()) {
      RollForMemory();
      return granted;
    }
  }
  LINEAL_ASSIGN_OR_RETURN(Seq seq, log_->Append(draft));
  std::lock_guard lock(apply_mutex_);
  if (visible() < seq) {
    absl::Status status = ApplyCommitted();
    if (visible() < seq) {
      return status.ok() ? Internal("entry ", Raw(seq), " was committed but not delivered")
                         : Annotate(status, "the change is in the log but could not be applied yet");
    }
  }
  auto it = outcomes_.find(seq);
  if (it == outcomes_.end()) return Written{seq};
  Outcome outcome = std::move(it->second);
  outcomes_.erase(it);
  LINEAL_RETURN_IF_ERROR(outcome.status);
  return Written{outcome.seq};
}

absl::Status Shard::ApplyCommitted() {
  for (storage::LogEntry& entry : log_->TakeCommitted()) {
    Pending& pending = pending_.emplace_back();
    pending.entry = std::move(entry);
  }
  while (!pending_.empty()) {
    size_t taken = 0;
    if (absl::Status status = ApplyGroupOf(&taken); !status.ok()) {
      if (apply_health_.ok()) {
        Log(LogLevel::kError, "cannot apply committed changes",
            {{"collection", environment_.collection}, {"error", std::string(MessageOf(status))}});
      }
      apply_health_ = status;
      return status;
    }
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<ptrdiff_t>(taken));
  }
  apply_health_ = absl::OkStatus();
  return absl::OkStatus();
}

absl::Status Shard::Drain() {
  std::lock_guard lock(apply_mutex_);
  return ApplyCommitted();
}

absl::Status Shard::ApplyGroupOf(size_t* taken) {
  std::vector<PointId> ids;
  size_t bytes = 0;
  size_t count = 0;
  for (; count < pending_.size() && bytes < kGroupBytesMax; ++count) {
    Pending& pending = pending_[count];
    if (!pending.ops) {
      LINEAL_ASSIGN_OR_RETURN(pending.ops, DecodeOps(pending.entry.body));
    }
    if (count > 0 && SelectsByFilter(pending.ops->ops)) break;
    CollectIds(pending.ops->ops, &ids);
    bytes += pending.entry.body.size();
  }
  std::unique_ptr<ShardView> view = OpenView(visible(), false);
  ApplyGroup group(view.get(), next_row_, &origins_);
  group.Prefetch(ids);

  std::unique_ptr<storage::StoreBatch> batch = store_->NewBatch();
  std::map<Seq, Outcome> outcomes;
  std::map<std::string, Outcome> requests;
  for (size_t i = 0; i < count && group.storage_status().ok(); ++i) {
    const storage::LogEntry& entry = pending_[i].entry;
    const std::string request_key = "request/" + entry.request_id;
    if (!entry.request_id.empty()) {
      std::optional<Outcome> before;
      if (auto it = requests.find(request_key); it != requests.end()) {
        before = it->second;
      } else {
        LINEAL_ASSIGN_OR_RETURN(std::optional<std::string> stored, store_->GetMeta(request_key));
        if (stored) {
          Reader reader(*stored);
          before.emplace();
          before->seq = Seq{reader.Varint()};
          reader.Fixed<int64_t>();
          const auto code = static_cast<absl::StatusCode>(reader.Varint());
          before->status = absl::Status(code, std::string(reader.String()));
        }
      }
      if (before) {
        (void)group.Add(entry, {});
        outcomes[entry.seq] = *before;
        continue;
      }
    }
    Outcome outcome{group.Add(entry, *pending_[i].ops), entry.seq};
    if (!entry.request_id.empty()) {
      requests[request_key] = outcome;
      std::string stored;
      PutVarint(&stored, Raw(entry.seq));
      PutFixed(&stored, entry.wall_ms);
      PutVarint(&stored, static_cast<uint64_t>(outcome.status.code()));
      PutString(&stored, MessageOf(outcome.status));
      batch->PutMeta(request_key, stored);
    }
    if (!outcome.status.ok()) outcomes[entry.seq] = std::move(outcome);
  }
  LINEAL_RETURN_IF_ERROR(group.storage_status());

  const storage::LogEntry& last = pending_[count - 1].entry;
  group.WriteTo(batch.get());
  batch->PutMeta("next_row", Number(Raw(group.next_row())));
  batch->PutMeta("live", Number(static_cast<uint64_t>(live_.load() + group.live_delta())));
  LINEAL_RETURN_IF_ERROR(store_->Commit(
      std::move(batch), storage::LogHead{.seq = last.seq, .wall_ms = last.wall_ms, .chain_hash = last.chain_hash}));
  next_row_ = group.next_row();
  origins_.Accept(group.origins());
  if (!replaying_) outcomes_.merge(outcomes);
  Publish(group, last.seq);
  *taken = count;
  return absl::OkStatus();
}

void Shard::Publish(const ApplyGroup& group, Seq last) {
  const bool index_payload = !schema()->fields.empty();
  for (const auto& [row, pending] : group.changes().rows) {
    NewRow fresh;
    fresh.entry = RowEntry{.row = row, .point = pending.record.point, .born = pending.record.born};
    for (const StoredVector& vector : pending.record.vectors) fresh.vectors.emplace_back(vector.number, vector.row);
    Value payload;
    if (index_payload && !pending.payload.empty()) {
      absl::StatusOr<Value> decoded = DecodePayload(pending.payload);
      if (decoded.ok()) payload = *std::move(decoded);
      fresh.payload = &payload;
    }
    AppendRow(fresh);
  }
  std::shared_ptr<const SegmentList> list = segments();
  for (const auto& [row, payload] : group.changes().payloads) {
    if (auto place = Locate(*list, row)) place->segment->stale().Set(place->local);
    if (change_watches_ > 0) changed_rows_.push_back(row);
  }
  for (const auto& [row, died] : group.changes().deaths) {
    if (auto place = Locate(*list, row)) place->segment->rows().MarkDied(place->local, died);
  }
  growing_->Charge();
  live_.fetch_add(group.live_delta(), std::memory_order_acq_rel);
  std::lock_guard lock(view_mutex_);
  visible_.store(Raw(last), std::memory_order_release);
}

void Shard::AppendRow(const NewRow& row) {
  if (growing_->full()) {
    growing_->Charge();
    ReplaceGrowing(nullptr);
    environment_.wake_optimizer();
  }
  growing_->Append(row);
}

// Adds a new, empty growing segment behind the others; the old one takes no more rows.
void Shard::ReplaceGrowing(std::shared_ptr<Segment> fresh) {
  std::shared_ptr<const TableSchema> schema = this->schema();
  if (!fresh) {
    const uint64_t id = NewSegmentId();
    fresh = Segment::NewGrowing(id, *schema, static_cast<uint32_t>(schema->optimizer.growing_rows_max),
                                segment_store_.AccountOf(id));
  }
  std::lock_guard lock(view_mutex_);
  auto list = std::make_shared<SegmentList>(*segments());
  if (growing_ && growing_->rows().size() == 0) std::erase(*list, growing_);
  list->push_back(fresh);
  growing_ = std::move(fresh);
  segments_.Set(std::move(list));
}

void Shard::RollMostlyDead() {
  std::lock_guard lock(apply_mutex_);
  const RowTable& rows = growing_->rows();
  if (rows.size() >= kRollRowsMin && rows.dead_rows() > rows.size() / 2) ReplaceGrowing(nullptr);
}

void Shard::RollForMemory() {
  std::lock_guard lock(apply_mutex_);
  if (growing_->rows().size() < kRollRowsMin) return;
  ReplaceGrowing(nullptr);
  environment_.wake_optimizer();
}

std::unique_ptr<ShardView> Shard::OpenView(Seq at, bool historic) {
  std::lock_guard lock(view_mutex_);
  readers_.Enter(at);
  return std::make_unique<ShardView>(segments(), schema(), store_.get(), &readers_, at, historic, views_);
}

absl::StatusOr<std::unique_ptr<ShardView>> Shard::View(std::optional<Seq> as_of) {
  std::lock_guard lock(view_mutex_);
  const Seq newest = visible();
  const Seq at = as_of.value_or(newest);
  if (at > newest) return OutOfRange("as_of_seq ", Raw(at), " is newer than the newest, ", Raw(newest));
  if (at < floor())
    return OutOfRange("as_of_seq ", Raw(at), " is older than the history window, which begins at ", Raw(floor()));
  readers_.Enter(at);
  return std::make_unique<ShardView>(segments(), schema(), store_.get(), &readers_, at, at < newest, views_);
}

bool Shard::Pin(Seq seq) {
  std::lock_guard lock(view_mutex_);
  if (seq < floor()) return false;
  readers_.Enter(seq);
  return true;
}

void Shard::Unpin(Seq seq) { readers_.Leave(seq); }

absl::StatusOr<Seq> Shard::SeqAt(int64_t wall_ms) const {
  // Times never go back: the last change that is not after it.
  const auto time_of = [&](uint64_t seq) -> absl::StatusOr<std::optional<int64_t>> {
    std::optional<int64_t> time;
    LINEAL_RETURN_IF_ERROR(store_->ScanChanges(Seq{seq}, [&](Seq at, const storage::ChangeRecord& change) {
      if (Raw(at) == seq) time = change.wall_ms;
      return false;
    }));
    return time;
  };
  const uint64_t floor = Raw(this->floor());
  uint64_t low = floor, high = Raw(visible());
  while (low < high) {
    const uint64_t middle = high - (high - low) / 2;
    LINEAL_ASSIGN_OR_RETURN(const std::optional<int64_t> time, time_of(middle));
    if (time && *time <= wall_ms) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  if (low > floor || floor == 0) return Seq{low};
  // Before the first change that is kept: it is the floor's state if it was made by then.
  if (wall_ms < environment_.clock->WallMs() - schema()->optimizer.history_window_s * 1000) {
    return OutOfRange("the time is before the history window of ", schema()->optimizer.history_window_s, " s");
  }
  return Seq{low};
}

absl::Status Shard::Health() const { return store_->Health(); }

uint64_t Shard::disk_bytes() const {
  return store_->disk_bytes() + environment_.files->DiskUsage(segment_store_.directory());
}

void Shard::ChargeMemory() const {
  for (const auto& segment : *segments()) segment->Charge();
}

void Shard::SetSchema(std::shared_ptr<const TableSchema> schema) {
  std::lock_guard lock(apply_mutex_);
  schema_.Set(std::move(schema));
  ReplaceGrowing(nullptr);
  environment_.wake_optimizer();
}

}  // namespace lineal::engine
