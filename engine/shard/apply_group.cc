#include "engine/shard/apply_group.h"

#include <algorithm>

#include "base/status.h"
#include "engine/filter/compiled_filter.h"
#include "engine/payload/codec.h"
#include "engine/payload/path.h"

namespace lineal::engine {
namespace {

absl::Status NoSuchPoint(const PointId& id) { return NotFound("No point with id ", id.ToString(), " found"); }

absl::Status BrokenOrigin(RowId row) { return DataLoss("the origin of row ", Raw(row), " cannot be read"); }

// Failures of storage stop the shard; they are told apart from what a writer may be told by this wrapper.
template <class T>
bool Failed(const absl::StatusOr<T>& result, absl::Status* storage_status) {
  if (result.ok()) return false;
  if (storage_status->ok()) *storage_status = result.status();
  return true;
}

}  // namespace

absl::StatusOr<std::optional<storage::PidEntry>> ApplyGroup::FindBeforeEntry(const PointId& id) {
  if (auto it = group_.pids.find(id); it != group_.pids.end()) return it->second;
  auto found = view_->store().GetPid(id);
  if (Failed(found, &storage_status_)) return found.status();
  group_.pids.emplace(id, *found);
  return *found;
}

absl::StatusOr<std::optional<storage::PidEntry>> ApplyGroup::Find(const PointId& id) {
  if (auto it = entry_.pids.find(id); it != entry_.pids.end()) return it->second;
  return FindBeforeEntry(id);
}

void ApplyGroup::Prefetch(const std::vector<PointId>& ids) {
  auto found = view_->store().GetPids(ids);
  if (Failed(found, &storage_status_)) return;
  std::vector<RowId> rows;
  std::vector<std::string> keys;
  for (size_t i = 0; i < ids.size(); ++i) {
    group_.pids.emplace(ids[i], (*found)[i]);
    if (!(*found)[i] || !(*found)[i]->alive()) continue;
    rows.push_back((*found)[i]->row);
    keys.push_back(OriginKey(rows.back()));
  }
  auto origins = view_->store().GetOrigins(keys);
  if (Failed(origins, &storage_status_)) return;
  for (size_t i = 0; i < rows.size(); ++i) {
    // Rows from before there were origins have none.
    const auto origin = (*origins)[i] ? DecodeOrigin(*(*origins)[i]) : OriginRecord();
    if (!origin && storage_status_.ok()) storage_status_ = BrokenOrigin(rows[i]);
    if (origin) read_origins_.emplace(rows[i], *origin);
  }
}

absl::StatusOr<OriginRecord> ApplyGroup::OriginOf(RowId row) {
  for (const Changes* changes : {&entry_, &group_}) {
    if (auto it = changes->rows.find(row); it != changes->rows.end()) return it->second.origin;
  }
  if (const auto it = read_origins_.find(row); it != read_origins_.end()) return it->second;
  const std::string key = OriginKey(row);
  auto found = view_->store().GetOrigins({&key, 1});
  if (Failed(found, &storage_status_)) return found.status();
  absl::StatusOr<OriginRecord> origin = OriginRecord();
  if (found->front()) {
    if (const auto decoded = DecodeOrigin(*found->front())) {
      origin = *decoded;
    } else {
      origin = BrokenOrigin(row);
    }
  }
  if (Failed(origin, &storage_status_)) return origin.status();
  read_origins_.emplace(row, *origin);
  return origin;
}

absl::StatusOr<RowId> ApplyGroup::LiveRow(const PointId& id) {
  LINEAL_ASSIGN_OR_RETURN(std::optional<storage::PidEntry> entry, Find(id));
  if (!entry || !entry->alive()) return NoSuchPoint(id);
  return entry->row;
}

absl::StatusOr<std::string> ApplyGroup::PayloadBytes(RowId row) {
  for (const Changes* changes : {&entry_, &group_}) {
    if (auto it = changes->payloads.find(row); it != changes->payloads.end()) return it->second.bytes;
    if (auto it = changes->rows.find(row); it != changes->rows.end()) return it->second.payload;
  }
  auto found = view_->store().GetPayload(row, kSeqMax);
  if (Failed(found, &storage_status_)) return found.status();
  return found->has_value() ? std::move((*found)->value) : std::string();
}

absl::StatusOr<RowRecord> ApplyGroup::Record(RowId row, std::shared_ptr<const std::string>* kept) {
  for (const Changes* changes : {&entry_, &group_}) {
    if (auto it = changes->rows.find(row); it != changes->rows.end()) {
      *kept = it->second.kept;
      return it->second.record;
    }
  }
  auto bytes = view_->store().GetRow(row);
  if (Failed(bytes, &storage_status_)) return bytes.status();
  auto owned = std::make_shared<const std::string>(*std::move(bytes));
  auto record = DecodeRowRecord(*owned);
  if (Failed(record, &storage_status_)) return record.status();
  *kept = std::move(owned);
  return record;
}

absl::Status ApplyGroup::Replace(const PointId& id, Seq seq, PendingRow row) {
  LINEAL_ASSIGN_OR_RETURN(std::optional<storage::PidEntry> present, Find(id));
  const RowId fresh = next_row_;
  next_row_ = RowId{Raw(next_row_) + 1};
  row.record.point = id;
  row.record.born = seq;
  row.record.previous = kNoRow;
  entry_.touched.insert(id);
  if (!present || !present->alive()) ++entry_live_delta_;
  entry_.living.emplace_back(row.origin.context, 1);
  if (present) {
    if (present->alive()) {
      LINEAL_ASSIGN_OR_RETURN(const OriginRecord before, OriginOf(present->row));
      entry_.living.emplace_back(before.context, -1);
    }
    if (auto it = entry_.rows.find(present->row); it != entry_.rows.end()) {
      // Born and replaced at the same seq: nobody can ever see it.
      row.record.previous = it->second.record.previous;
      entry_.rows.erase(it);
    } else {
      row.record.previous = present->row;
      if (present->alive()) entry_.deaths.emplace_back(present->row, seq);
    }
  }
  entry_.rows.emplace(fresh, std::move(row));
  entry_.pids[id] = storage::PidEntry{.row = fresh, .born = seq, .died = kSeqMax};
  return absl::OkStatus();
}

absl::Status ApplyGroup::Upsert(const UpsertOp& op, Seq seq) {
  for (const OpPoint& point : op.points) {
    PendingRow row;
    row.record.vectors = point.vectors;
    row.payload = std::string(point.payload);
    row.origin = {context_, point.source == 0 ? 0 : sources_[point.source - 1], point.ordinal};
    LINEAL_RETURN_IF_ERROR(Replace(point.id, seq, std::move(row)));
  }
  return absl::OkStatus();
}

absl::Status ApplyGroup::Delete(const PointId& id, Seq seq) {
  LINEAL_ASSIGN_OR_RETURN(std::optional<storage::PidEntry> present, Find(id));
  if (!present || !present->alive()) return absl::OkStatus();
  LINEAL_ASSIGN_OR_RETURN(const OriginRecord origin, OriginOf(present->row));
  entry_.living.emplace_back(origin.context, -1);
  --entry_live_delta_;
  entry_.touched.insert(id);
  auto it = entry_.rows.find(present->row);
  if (it == entry_.rows.end()) {
    entry_.deaths.emplace_back(present->row, seq);
    entry_.pids[id] = storage::PidEntry{.row = present->row, .born = present->born, .died = seq};
    return absl::OkStatus();
  }
  entry_.rows.erase(it);
  LINEAL_ASSIGN_OR_RETURN(std::optional<storage::PidEntry> before, FindBeforeEntry(id));
  if (before) before->died = std::min(before->died, seq);
  entry_.pids[id] = before;
  return absl::OkStatus();
}

absl::Status ApplyGroup::UpdateVectors(const UpdateVectorsOp& op, Seq seq) {
  for (const OpPoint& point : op.points) {
    LINEAL_ASSIGN_OR_RETURN(RowId row, LiveRow(point.id));
    PendingRow next;
    LINEAL_ASSIGN_OR_RETURN(next.record, Record(row, &next.kept));
    LINEAL_ASSIGN_OR_RETURN(next.payload, PayloadBytes(row));
    LINEAL_ASSIGN_OR_RETURN(next.origin, OriginOf(row));
    next.origin.context = context_;
    if (point.source != 0) next.origin = {context_, sources_[point.source - 1], point.ordinal};
    for (const StoredVector& vector : point.vectors) {
      auto it = std::find_if(next.record.vectors.begin(), next.record.vectors.end(),
                             [&](const StoredVector& v) { return v.number == vector.number; });
      if (it == next.record.vectors.end()) {
        next.record.vectors.push_back(vector);
      } else {
        *it = vector;
      }
    }
    LINEAL_RETURN_IF_ERROR(Replace(point.id, seq, std::move(next)));
  }
  return absl::OkStatus();
}

absl::Status ApplyGroup::DeleteVectors(const PointId& id, const std::vector<uint32_t>& numbers, Seq seq) {
  LINEAL_ASSIGN_OR_RETURN(RowId row, LiveRow(id));
  PendingRow next;
  LINEAL_ASSIGN_OR_RETURN(next.record, Record(row, &next.kept));
  LINEAL_ASSIGN_OR_RETURN(next.payload, PayloadBytes(row));
  LINEAL_ASSIGN_OR_RETURN(next.origin, OriginOf(row));
  next.origin.context = context_;
  std::erase_if(next.record.vectors, [&](const StoredVector& v) {
    return std::find(numbers.begin(), numbers.end(), v.number) != numbers.end();
  });
  return Replace(id, seq, std::move(next));
}

absl::Status ApplyGroup::ChangePayload(const PointId& id, Seq seq, const std::function<absl::Status(Value*)>& change) {
  LINEAL_ASSIGN_OR_RETURN(RowId row, LiveRow(id));
  LINEAL_ASSIGN_OR_RETURN(std::string bytes, PayloadBytes(row));
  Value payload = Value::EmptyObject();
  if (!bytes.empty()) {
    auto decoded = DecodePayload(bytes);
    if (Failed(decoded, &storage_status_)) return decoded.status();
    payload = *std::move(decoded);
  }
  LINEAL_RETURN_IF_ERROR(change(&payload));
  entry_.touched.insert(id);
  std::string next = payload.is_object() && payload.object().empty() ? std::string() : EncodePayload(payload);
  if (auto it = entry_.rows.find(row); it != entry_.rows.end()) {
    it->second.payload = std::move(next);
  } else {
    entry_.payloads[row] = PendingPayload{seq, std::move(next)};
    LINEAL_ASSIGN_OR_RETURN(OriginRecord origin, OriginOf(row));
    origin.context = context_;
    entry_.origins[row] = origin;
  }
  return absl::OkStatus();
}

namespace {

// A point with the entry's changes, as a filter sees it.
class ChangedPoint final : public PointFacts {
 public:
  ChangedPoint(PointId id, Value payload, const RowRecord& record, const TableSchema& schema)
      : id_(id), payload_(std::move(payload)), record_(record), schema_(schema) {}
  PointId id() const override { return id_; }
  const Value& payload() const override { return payload_; }
  bool HasVector(std::string_view name) const override {
    const VectorDef* def = schema_.FindVector(name);
    return def != nullptr && std::any_of(record_.vectors.begin(), record_.vectors.end(),
                                         [&](const StoredVector& v) { return v.number == def->number; });
  }

 private:
  const PointId id_;
  const Value payload_;
  const RowRecord& record_;
  const TableSchema& schema_;
};

}  // namespace

absl::StatusOr<std::vector<PointId>> ApplyGroup::Select(const OpSelector& selector) {
  if (const auto* ids = std::get_if<0>(&selector)) return *ids;
  LINEAL_ASSIGN_OR_RETURN(auto filter, CompiledFilter::Compile(std::get<1>(selector), &view_->schema().field_schemas));
  std::vector<PointId> selected;
  // Group-wide changes are published before an entry with a filter is added, so that only the entry's own are apart.
  for (const Segment* segment : view_->segments()) {
    SegmentRead read(*segment, view_->at(), filter.get(), *view_);
    read.ForEach([&](LocalId id) {
      const PointId point = segment->rows().point(id);
      if (!entry_.touched.contains(point)) selected.push_back(point);
      return true;
    });
  }
  if (absl::Status status = view_->status(); !status.ok()) {
    if (storage_status_.ok()) storage_status_ = status;
    return status;
  }
  for (const PointId& id : entry_.touched) {
    LINEAL_ASSIGN_OR_RETURN(std::optional<storage::PidEntry> present, Find(id));
    if (!present || !present->alive()) continue;
    std::shared_ptr<const std::string> kept;
    LINEAL_ASSIGN_OR_RETURN(RowRecord record, Record(present->row, &kept));
    LINEAL_ASSIGN_OR_RETURN(std::string bytes, PayloadBytes(present->row));
    Value payload = Value::EmptyObject();
    if (!bytes.empty()) {
      LINEAL_ASSIGN_OR_RETURN(payload, DecodePayload(bytes));
    }
    if (filter->Passes(ChangedPoint(id, std::move(payload), record, view_->schema()))) selected.push_back(id);
  }
  // RowIds are given in this order, on every copy.
  std::sort(selected.begin(), selected.end());
  return selected;
}

absl::Status ApplyGroup::Run(const ShardOp& op, Seq seq) {
  if (const auto* upsert = std::get_if<UpsertOp>(&op)) return Upsert(*upsert, seq);
  if (const auto* update = std::get_if<UpdateVectorsOp>(&op)) return UpdateVectors(*update, seq);
  if (std::holds_alternative<MarkOp>(op)) return absl::OkStatus();
  const OpSelector& selector = std::visit(
      [](const auto& any) -> const OpSelector& {
        if constexpr (requires { any.points.index(); }) return any.points;
        static const OpSelector kNone;
        return kNone;
      },
      op);
  LINEAL_ASSIGN_OR_RETURN(std::vector<PointId> ids, Select(selector));
  for (const PointId& id : ids) {
    absl::Status status;
    if (std::holds_alternative<DeleteOp>(op)) {
      status = Delete(id, seq);
    } else if (const auto* vectors = std::get_if<DeleteVectorsOp>(&op)) {
      status = DeleteVectors(id, vectors->numbers, seq);
    } else if (const auto* set = std::get_if<SetPayloadOp>(&op)) {
      status = ChangePayload(id, seq, [&](Value* payload) {
        LINEAL_ASSIGN_OR_RETURN(Value members, DecodePayload(set->payload));
        if (set->key.empty()) {
          for (const auto& [key, value] : members.object()) {
            if (value.is_null()) {
              payload->Erase(key);
            } else {
              payload->Set(key, value);
            }
          }
          return absl::OkStatus();
        }
        LINEAL_ASSIGN_OR_RETURN(PayloadPath path, PayloadPath::Parse(set->key));
        path.Merge(payload, members);
        return absl::OkStatus();
      });
    } else if (const auto* overwrite = std::get_if<OverwritePayloadOp>(&op)) {
      status = ChangePayload(id, seq, [&](Value* payload) {
        *payload = Value::EmptyObject();
        if (overwrite->payload.empty()) return absl::OkStatus();
        LINEAL_ASSIGN_OR_RETURN(*payload, DecodePayload(overwrite->payload));
        return absl::OkStatus();
      });
    } else if (const auto* remove = std::get_if<DeletePayloadOp>(&op)) {
      status = ChangePayload(id, seq, [&](Value* payload) {
        for (const std::string& key : remove->keys) {
          LINEAL_ASSIGN_OR_RETURN(PayloadPath path, PayloadPath::Parse(key));
          path.Remove(payload);
        }
        return absl::OkStatus();
      });
    } else {
      status = ChangePayload(id, seq, [](Value* payload) {
        *payload = Value::EmptyObject();
        return absl::OkStatus();
      });
    }
    LINEAL_RETURN_IF_ERROR(status);
  }
  return absl::OkStatus();
}

absl::Status ApplyGroup::Number(const ShardOps& ops) {
  auto context = draft_.NumberOf(ops.context);
  if (Failed(context, &storage_status_)) return context.status();
  context_ = *context;
  sources_.clear();
  for (const SourceVersion& source : ops.sources) {
    auto number = draft_.NumberOf(source);
    if (Failed(number, &storage_status_)) return number.status();
    sources_.push_back(*number);
  }
  return absl::OkStatus();
}

absl::Status ApplyGroup::Add(const storage::LogEntry& entry, const ShardOps& ops) {
  entry_ = Changes{};
  entry_live_delta_ = 0;
  const RowId first_row = next_row_;
  absl::Status status = Number(ops);
  for (const ShardOp& op : ops.ops) {
    if (!status.ok()) break;
    status = Run(op, entry.seq);
  }
  storage::ChangeRecord record;
  record.wall_ms = entry.wall_ms;
  record.body_digest = entry.body_digest;
  record.chain_hash = entry.chain_hash;
  record.context = context_;
  if (status.ok()) {
    live_delta_ += entry_live_delta_;
    for (const auto& [context, points] : entry_.living) draft_.AddLiving(context, points);
    for (const auto& [row, origin] : entry_.origins)
      origin_changes_.emplace_back(OriginChangeKey(row, entry.seq), origin);
    for (auto& [row, pending] : entry_.rows) record.born.push_back(row);
    for (const auto& [row, seq] : entry_.deaths) record.died.push_back(row);
    for (auto& [row, payload] : entry_.payloads) record.payload_changed.push_back(row);
    std::sort(record.died.begin(), record.died.end());
    std::sort(record.payload_changed.begin(), record.payload_changed.end());
    group_.rows.merge(entry_.rows);
    for (auto& [row, payload] : entry_.payloads) {
      payload_writes_.emplace_back(row, payload);
      group_.payloads[row] = std::move(payload);
    }
    for (auto& [id, present] : entry_.pids) {
      group_.pids[id] = present;
      changed_pids_[id] = present;
    }
    group_.deaths.insert(group_.deaths.end(), entry_.deaths.begin(), entry_.deaths.end());
  } else {
    next_row_ = first_row;
  }
  records_.emplace_back(entry.seq, std::move(record));
  return status;
}

}  // namespace lineal::engine
