#include "engine/database/local_collection.h"

#include <algorithm>

#include "base/log.h"
#include "base/status.h"
#include "engine/database/local_call.h"
#include "engine/database/write_plan.h"

namespace lineal::engine {

LocalCollection::LocalCollection(std::string name, CollectionRecord record, std::vector<std::unique_ptr<Shard>> shards,
                                 std::unique_ptr<RevisionCatalogue> revisions, Lineage* lineage, Optimizer* optimizer,
                                 Executor* executor)
    : name_(std::move(name)),
      record_(std::make_shared<const CollectionRecord>(std::move(record))),
      shards_(std::move(shards)),
      revisions_(std::move(revisions)),
      guard_(name_, lineage),
      optimizer_(optimizer),
      executor_(executor) {
  for (const auto& shard : shards_) shard->SetQuerySamples(query_samples_);
  // Before anything is vacuumed.
  for (const auto& [tag, number] : revisions_->tags()) {
    if (absl::Status pinned = Pin(*revisions_->Find(number)); pinned.ok()) {
      pinned_.insert(tag);
    } else {
      Log(LogLevel::kError, "what a tag names is gone", {{"tag", tag}, {"error", std::string(MessageOf(pinned))}});
    }
  }
  for (uint32_t i = 0; i < shards_.size(); ++i) optimizer_->Add(shards_[i].get(), name_, i);
}

LocalCollection::~LocalCollection() { Close(); }

void LocalCollection::Close() {
  calls_.Close();
  for (const auto& shard : shards_) optimizer_->Remove(shard.get());
}

void LocalCollection::SetRecord(CollectionRecord record) {
  std::shared_ptr<const TableSchema> table = record.Table();
  record_.Set(std::make_shared<const CollectionRecord>(std::move(record)));
  for (const auto& shard : shards_) shard->SetSchema(table);
}

absl::Status LocalCollection::ChangeRecord(CollectionRecord record, const std::function<absl::Status()>& commit) {
  const CollectionSchema& now = record_.Get()->schema;
  bool spaces = !(record.schema.spaces == now.spaces);
  for (const auto& [name, vector] : record.schema.vectors) {
    const auto there = now.vectors.find(name);
    spaces |= there != now.vectors.end() && there->second.space != vector.space;
  }
  std::optional<WriteGate::Closed> closed;
  if (spaces) {
    closed.emplace(&gate_);
    LINEAL_ASSIGN_OR_RETURN(const std::vector<ContextCount> contexts, CountByContext());
    LINEAL_RETURN_IF_ERROR(guard_.CheckPoints(record.schema, contexts));
  }
  LINEAL_RETURN_IF_ERROR(commit());
  SetRecord(std::move(record));
  return absl::OkStatus();
}

absl::StatusOr<WriteResult> LocalCollection::Write(WriteRequest request) {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  LINEAL_RETURN_IF_ERROR(request.deadline.Check());
  WriteResult result;
  WriteGate::Passage passage(&gate_);
  LINEAL_RETURN_IF_ERROR(guard_.CheckWrite(record()->schema, &request, &result.warnings));
  LINEAL_ASSIGN_OR_RETURN(WritePlan plan,
                          WritePlan::Make(request, *shards_.front()->schema(), static_cast<uint32_t>(shards_.size())));
  std::vector<uint32_t> involved;
  for (uint32_t i = 0; i < shards_.size(); ++i) {
    if (!plan.parts()[i].ops.empty()) involved.push_back(i);
  }
  std::vector<absl::StatusOr<Shard::Written>> written(involved.size(), absl::UnknownError(""));
  executor_->ParallelFor(involved.size(), [&](size_t i) {
    storage::EntryDraft draft;
    draft.body = EncodeOps(plan.parts()[involved[i]]);
    draft.request_id = request.request_id;
    draft.principal = request.principal;
    draft.frees_space = plan.frees_space();
    written[i] = shards_[involved[i]]->Write(draft);
  });
  absl::Status failure;
  std::string failed;
  for (size_t i = 0; i < involved.size(); ++i) {
    if (!written[i].ok()) {
      failure.Update(written[i].status());
      StrAppend(&failed, failed.empty() ? "" : ", ", involved[i]);
      continue;
    }
    result.positions.push_back({involved[i], written[i]->seq});
    result.operation_id = std::max(result.operation_id, Raw(written[i]->seq));
  }
  if (failure.ok()) return result;
  if (result.positions.empty()) return failure;
  return Annotate(failure, StrCat("the change took effect in part: not in shard ", failed, " of ", shards_.size()));
}

absl::StatusOr<std::vector<std::unique_ptr<ShardView>>> LocalCollection::Views(const ReadOptions& options) const {
  std::vector<Seq> seqs = options.as_of_seq;
  if (!options.as_of.empty()) {
    if (!seqs.empty()) return InvalidArgument("as_of and as_of_seq go not together");
    LINEAL_ASSIGN_OR_RETURN(seqs, SeqsOf(options.as_of));
  }
  if (!seqs.empty() && seqs.size() != shards_.size()) {
    return InvalidArgument("as_of_seq has ", seqs.size(), " values, collection `", name_, "` has ", shards_.size(),
                           " shards");
  }
  std::vector<std::unique_ptr<ShardView>> views;
  for (size_t i = 0; i < shards_.size(); ++i) {
    std::optional<Seq> as_of;
    if (!seqs.empty()) as_of = seqs[i];
    LINEAL_ASSIGN_OR_RETURN(auto view, shards_[i]->View(as_of));
    views.push_back(std::move(view));
  }
  return views;
}

absl::Status LocalCollection::Checkpoint(const std::string& directory) {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  for (size_t i = 0; i < shards_.size(); ++i) {
    LINEAL_RETURN_IF_ERROR(shards_[i]->Checkpoint(StrCat(directory, "/shard-", i)));
  }
  return absl::OkStatus();
}

absl::Status LocalCollection::FlushAll() {
  absl::Status status;
  for (const auto& shard : shards_) status.Update(shard->FlushAll());
  return status;
}

absl::Status LocalCollection::FlushIfOpen() {
  LocalCall call(&calls_, name_);
  if (!call.status().ok()) return absl::OkStatus();
  return FlushAll();
}

absl::StatusOr<CollectionInfo> LocalCollection::Info() {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  CollectionInfo info;
  info.schema = record()->schema;
  info.space_guard = guard_.counts();
  info.number = Raw(record()->shards.front());
  for (const auto& [key, field] : info.schema.fields) info.field_points[key] = 0;
  bool busy = false;
  for (const auto& shard : shards_) {
    info.seqs.push_back(shard->visible());
    info.points += shard->live_points();
    info.disk_bytes += shard->disk_bytes();
    if (absl::Status health = shard->Health(); !health.ok()) {
      info.health = CollectionHealth::kRed;
      info.problem = std::string(MessageOf(health));
    }
    if (std::string problem = optimizer_->ProblemOf(shard.get()); !problem.empty()) {
      info.health = CollectionHealth::kRed;
      info.problem = std::move(problem);
    }
    const auto segments = shard->segments();
    const std::shared_ptr<const TableSchema> schema = shard->schema();
    busy |=
        ChooseSeal(*segments) || ChooseListing(*segments, *schema) || ChooseBuild(*segments, *schema, shard->floor());
    for (const auto& segment : *segments) {
      SegmentInfo line;
      line.id = StrCat(Raw(shard->environment().id), "-", segment->id());
      line.kind = NameOf(segment->kind());
      line.rows = segment->rows().size();
      line.dead_rows = segment->rows().dead_rows();
      for (const auto& [number, column] : segment->parts().vectors) {
        if (segment->kind() == SegmentKind::kHistory) continue;
        info.vectors += column->present().count();
        if (!column->has_index()) continue;
        const uint64_t indexed = std::min(column->indexed(), column->present().count());
        info.indexed_vectors += indexed;
        line.indexed_rows = std::max(line.indexed_rows, indexed);
      }
      for (const auto& [key, field] : segment->parts().fields) {
        if (segment->kind() == SegmentKind::kHistory) continue;
        if (auto it = info.field_points.find(key); it != info.field_points.end())
          it->second += field->rows_with_value();
      }
      info.segments.push_back(std::move(line));
    }
  }
  if (busy && info.health == CollectionHealth::kGreen) info.health = CollectionHealth::kYellow;
  return info;
}

void LocalCollection::ChargeMemory() {
  LocalCall call(&calls_, name_);
  if (!call.status().ok()) return;
  for (const auto& shard : shards_) shard->ChargeMemory();
}

absl::StatusOr<CollectionMemory> LocalCollection::Memory() {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  for (const auto& shard : shards_) shard->ChargeMemory();
  CollectionMemory memory;
  for (const MemoryLedger::Line& line : shards_.front()->environment().ledger->Lines()) {
    memory.ledger_bytes += line.bytes;
    if (line.owner.collection == name_) memory.held.push_back({line.owner.segment, line.owner.kind, line.bytes});
    if (line.owner.collection.empty()) memory.shared.push_back({line.owner.segment, line.owner.kind, line.bytes});
  }
  for (const auto& shard : shards_) {
    for (const auto& segment : *shard->segments()) {
      const std::string name = StrCat(Raw(shard->environment().id), "-", segment->id());
      for (const MappedBytes& mapped : segment->Mapped()) {
        memory.mapped.push_back({name, mapped.kind, mapped.bytes, mapped.resident_bytes});
      }
    }
  }
  return memory;
}

}  // namespace lineal::engine
