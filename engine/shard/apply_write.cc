#include "engine/shard/apply_group.h"

namespace lineal::engine {

void ApplyGroup::WriteTo(storage::StoreBatch* batch) const {
  for (const auto& [row, pending] : group_.rows) {
    batch->PutRow(row, EncodeRowRecord(pending.record));
    if (!pending.payload.empty()) batch->PutPayload(row, pending.record.born, pending.payload);
    const OriginRecord& origin = pending.origin;
    batch->PutOrigin(OriginKey(row), EncodeOrigin(origin));
    if (origin.context != 0) batch->PutOrigin(ContextRowKey(origin.context, row), {});
    if (origin.source != 0) batch->PutOrigin(SourceRowKey(origin.source, row), {});
  }
  for (const auto& [key, origin] : origin_changes_) batch->PutOrigin(key, EncodeOrigin(origin));
  draft_.WriteTo(batch);
  for (const auto& [row, payload] : payload_writes_) batch->PutPayload(row, payload.born, payload.bytes);
  for (const auto& [row, seq] : group_.deaths) batch->PutDied(row, seq);
  for (const auto& [id, present] : changed_pids_) {
    if (present) {
      batch->PutPid(id, *present);
    } else {
      batch->DeletePid(id);
    }
  }
  for (const auto& [seq, record] : records_) batch->PutChange(seq, record);
}

}  // namespace lineal::engine
