// Putting a collection's points back to an earlier state.
#include "base/status.h"
#include "engine/database/local_call.h"
#include "engine/database/local_collection.h"
#include "engine/database/shard_rollback.h"

namespace lineal::engine {

absl::StatusOr<RollbackResult> LocalCollection::Rollback(const RollbackRequest& request) {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  if (request.to.empty() == request.run.empty()) return InvalidArgument("want either `to` or `run`");
  std::lock_guard lock(revision_mutex_);
  WriteGate::Closed closed(&gate_);
  std::vector<Seq> seqs;
  if (!request.to.empty()) {
    LINEAL_ASSIGN_OR_RETURN(seqs, SeqsOf(request.to));
  }
  RollbackResult result;
  std::vector<std::unique_ptr<ShardRollback>> parts;
  for (size_t i = 0; i < shards_.size(); ++i) {
    LINEAL_ASSIGN_OR_RETURN(auto part, ShardRollback::Make(shards_[i].get(), request.deadline));
    LINEAL_RETURN_IF_ERROR(request.to.empty() ? part->Undo(request.run) : part->To(seqs[i]));
    LINEAL_RETURN_IF_ERROR(guard_.CheckPoints(record()->schema, part->contexts()));
    result.restored += part->restored();
    result.removed += part->removed();
    result.kept += part->kept();
    parts.push_back(std::move(part));
  }
  if (request.dry_run || result.restored + result.removed == 0) return result;
  IngestContext by;
  by.principal = request.author;
  for (size_t i = 0; i < shards_.size(); ++i) {
    for (const std::string& body : parts[i]->Entries(by)) {
      storage::EntryDraft draft;
      draft.body = body;
      draft.principal = request.author;
      LINEAL_RETURN_IF_ERROR(shards_[i]->Write(draft).status());
    }
  }
  const std::string message =
      !request.message.empty() ? request.message
                               : StrCat("rollback ", request.to.empty() ? "of run " : "to ", request.to, request.run);
  LINEAL_ASSIGN_OR_RETURN(result.revision, MarkClosedShards(message, request.author));
  LINEAL_RETURN_IF_ERROR(revisions_->Add(&result.revision, nullptr, result.revision.number, request.author));
  result.revision.readable = true;
  return result;
}

}  // namespace lineal::engine
