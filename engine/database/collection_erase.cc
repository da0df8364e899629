// Erasure of rows of one collection, whoever might still ask for them.
#include <algorithm>
#include <map>

#include "base/hash.h"
#include "base/status.h"
#include "engine/database/local_call.h"
#include "engine/database/local_collection.h"
#include "engine/filter/compiled_filter.h"
#include "engine/optimizer/compaction.h"
#include "engine/payload/codec.h"
#include "engine/shard/origin_read.h"

namespace lineal::engine {
namespace {

constexpr size_t kPointsPerEntry = 10'000;
constexpr size_t kOriginsTogether = 1'000;

Filter FilterOf(const ErasureSelector& selector) {
  if (selector.filter) return *selector.filter;
  Filter filter;
  filter.must.push_back({FieldCondition{kSubjectKey, MatchValue{selector.subject}}});
  return filter;
}

// A row with one of its payloads.
class StateFacts final : public PointFacts {
 public:
  StateFacts(const RowPlace& place, const Value& payload) : place_(place), payload_(payload) {}
  PointId id() const override { return place_.segment->rows().point(place_.local); }
  const Value& payload() const override { return payload_; }
  bool HasVector(std::string_view name) const override {
    const auto& names = place_.segment->parts().vector_names;
    const auto it = names.find(name);
    if (it == names.end()) return false;
    const VectorColumn* column = place_.segment->Vector(it->second);
    return column != nullptr && column->Has(place_.local);
  }

 private:
  const RowPlace& place_;
  const Value& payload_;
};

absl::StatusOr<std::vector<RowId>> RowsOfSources(const storage::ShardStore& store,
                                                 const std::vector<uint32_t>& sources) {
  std::vector<RowId> rows;
  for (const uint32_t source : sources) {
    const std::string prefix = SourceRowsKey(source);
    LINEAL_RETURN_IF_ERROR(store.ScanOrigins(prefix, [&](std::string_view key, std::string_view) {
      if (!key.starts_with(prefix)) return false;
      rows.push_back(RowAtEnd(key));
      return true;
    }));
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

// Rows of which any payload that is kept passes; of one that never had any, an empty one.
absl::StatusOr<std::vector<RowId>> RowsPassing(const Shard& shard, const storage::ShardStore& store,
                                               const Filter& filter) {
  const std::shared_ptr<const TableSchema> schema = shard.schema();
  LINEAL_ASSIGN_OR_RETURN(const auto compiled, CompiledFilter::Compile(filter, &schema->field_schemas));
  const std::shared_ptr<const SegmentList> segments = shard.segments();
  std::vector<RowPlace> places;
  for (const auto& segment : *segments) {
    for (uint32_t i = 0; i < segment->rows().size(); ++i) places.push_back({segment.get(), LocalId{i}});
  }
  std::ranges::sort(places, {}, [](const RowPlace& place) { return place.row(); });
  std::vector<RowId> rows;
  const Value empty = Value::EmptyObject();
  size_t next = 0;
  bool seen = false;  // a payload of the next place
  const auto ask = [&](const Value& payload) {
    const RowId row = places[next].row();
    if (!rows.empty() && rows.back() == row) return;
    if (compiled->Passes(StateFacts(places[next], payload))) rows.push_back(row);
  };
  const auto pass_on = [&] {
    if (!seen) ask(empty);
    ++next;
    seen = false;
  };
  absl::Status failure;
  LINEAL_RETURN_IF_ERROR(store.ScanPayloads(RowId{0}, [&](RowId row, Seq, std::string_view bytes) {
    while (next < places.size() && places[next].row() < row) pass_on();
    if (next == places.size()) return false;
    if (places[next].row() != row) return true;
    seen = true;
    const absl::StatusOr<Value> payload = bytes.empty() ? absl::StatusOr<Value>(empty) : DecodePayload(bytes);
    failure = payload.status();
    if (payload.ok()) ask(*payload);
    return failure.ok();
  }));
  LINEAL_RETURN_IF_ERROR(failure);
  while (next < places.size()) pass_on();
  return rows;
}

absl::Status AddSourcesOf(const storage::ShardStore& store, ErasedRows* erased) {
  for (size_t begin = 0; begin < erased->rows.size(); begin += kOriginsTogether) {
    std::vector<std::string> keys;
    for (size_t i = begin; i < std::min(begin + kOriginsTogether, erased->rows.size()); ++i) {
      keys.push_back(OriginKey(erased->rows[i]));
    }
    LINEAL_ASSIGN_OR_RETURN(const auto origins, store.GetOrigins(keys));
    for (const auto& bytes : origins) {
      const auto origin = bytes ? DecodeOrigin(*bytes) : std::nullopt;
      if (origin && origin->source != 0) erased->sources.push_back(origin->source);
    }
  }
  std::sort(erased->sources.begin(), erased->sources.end());
  erased->sources.erase(std::unique(erased->sources.begin(), erased->sources.end()), erased->sources.end());
  return absl::OkStatus();
}

bool HoldsAny(const Segment& segment, const std::vector<RowId>& rows) {
  return std::ranges::any_of(rows, [&](RowId row) { return segment.rows().Find(row).has_value(); });
}

// Growing segments are sealed oldest first, up to the last that holds any: what is in none is found by its number.
absl::Status RewriteSegments(Shard& shard, const std::vector<RowId>& rows, const std::atomic<bool>& stopping) {
  if (HoldsAny(*shard.segments()->back(), rows)) shard.CloseGrowing();
  const std::shared_ptr<const SegmentList> segments = shard.segments();
  std::vector<std::shared_ptr<const Segment>> growing;
  size_t wanted = 0;
  CompactionOptions options;
  options.cancelled = &stopping;
  options.erased = rows;
  for (const auto& segment : *segments) {
    const bool holds = HoldsAny(*segment, rows);
    if (segment->kind() == SegmentKind::kGrowing) {
      growing.push_back(segment);
      if (holds) wanted = growing.size();
    } else if (holds) {
      LINEAL_RETURN_IF_ERROR(Compact(shard, {segment}, options));
    }
  }
  for (size_t i = 0; i < wanted; ++i) LINEAL_RETURN_IF_ERROR(Compact(shard, {growing[i]}, options));
  return absl::OkStatus();
}

absl::Status EraseFromShard(Shard& shard, const std::string& id, const std::atomic<bool>& stopping) {
  const auto proceed = [&] { return stopping ? absl::CancelledError("the database is stopping") : absl::OkStatus(); };
  LINEAL_ASSIGN_OR_RETURN(const std::optional<ErasedRows> erased, shard.ErasureOf(id));
  if (erased) {
    LINEAL_RETURN_IF_ERROR(RewriteSegments(shard, erased->rows, stopping));
    LINEAL_RETURN_IF_ERROR(proceed());
    shard.AwaitViews();
    LINEAL_RETURN_IF_ERROR(shard.EraseRows(erased->rows));
    LINEAL_RETURN_IF_ERROR(shard.EraseSources(erased->sources));
    LINEAL_RETURN_IF_ERROR(shard.CheckErased(erased->rows));
  }
  LINEAL_RETURN_IF_ERROR(shard.RemoveStraySegments());
  LINEAL_RETURN_IF_ERROR(proceed());
  LINEAL_RETURN_IF_ERROR(shard.store().Rewrite());
  LINEAL_RETURN_IF_ERROR(shard.EndErasure(id));
  return shard.store().RemoveReplaced();
}

}  // namespace

absl::StatusOr<std::vector<ErasedRows>> LocalCollection::FindErased(const ErasureSelector& selector, Erasure* counts) {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  const auto tags = revisions_->tags();
  std::map<std::string, uint64_t> of_tag;
  std::vector<ErasedRows> lists;
  Sha256Stream commitment;
  counts->live_rows = counts->history_rows = 0;
  for (size_t i = 0; i < shards_.size(); ++i) {
    Shard& shard = *shards_[i];
    ErasedRows erased;
    if (selector.source || selector.document) {
      const OriginSelector named{.source = selector.source ? selector.source : selector.document,
                                 .any_version = selector.source.has_value()};
      LINEAL_ASSIGN_OR_RETURN(erased.sources, SourceNumbers(shard.store(), named));
      LINEAL_ASSIGN_OR_RETURN(erased.rows, RowsOfSources(shard.store(), erased.sources));
    } else {
      LINEAL_ASSIGN_OR_RETURN(erased.rows, RowsPassing(shard, shard.store(), FilterOf(selector)));
    }
    LINEAL_RETURN_IF_ERROR(AddSourcesOf(shard.store(), &erased));
    const std::shared_ptr<const SegmentList> segments = shard.segments();
    for (const RowId row : erased.rows) {
      const auto place = Locate(*segments, row);
      const Seq died = place ? place->segment->rows().died(place->local) : kNoSeq;
      ++(died == kSeqMax ? counts->live_rows : counts->history_rows);
      for (const auto& [tag, number] : tags) {
        const auto revision = revisions_->Find(number);
        if (!place || !revision || revision->seqs.size() != shards_.size()) continue;
        of_tag[tag] += place->segment->rows().born(place->local) <= revision->seqs[i] && revision->seqs[i] < died;
      }
    }
    commitment.Add(EncodeErasedRows({erased.rows, {}}));
    lists.push_back(std::move(erased));
  }
  counts->commitment = HexOf(BytesOf(commitment.Take()));
  counts->tags.clear();
  for (const auto& [tag, points] : of_tag) {
    if (points > 0) counts->tags.push_back({tag, tags.at(tag), points});
  }
  return lists;
}

absl::Status LocalCollection::BeginErasure(const ErasureSelector& selector, const std::string& id, Erasure* counts,
                                           const std::function<absl::Status()>& commit) {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  WriteGate::Closed closed(&gate_);
  LINEAL_ASSIGN_OR_RETURN(const std::vector<ErasedRows> lists, FindErased(selector, counts));
  for (size_t i = 0; i < shards_.size(); ++i) LINEAL_RETURN_IF_ERROR(shards_[i]->BeginErasure(id, lists[i]));
  LINEAL_RETURN_IF_ERROR(commit());
  // From here on it is durable: what fails now is gone on with by FinishErasure().
  return DeleteErased(id);
}

absl::Status LocalCollection::DeleteErased(const std::string& id) {
  for (const auto& shard : shards_) {
    LINEAL_ASSIGN_OR_RETURN(const std::optional<ErasedRows> erased, shard->ErasureOf(id));
    if (!erased) continue;
    LINEAL_ASSIGN_OR_RETURN(std::vector<PointId> points, shard->PointsIn(erased->rows));
    for (size_t begin = 0; begin < points.size(); begin += kPointsPerEntry) {
      const auto first = points.begin() + static_cast<ptrdiff_t>(begin);
      const auto last = points.begin() + static_cast<ptrdiff_t>(std::min(begin + kPointsPerEntry, points.size()));
      ShardOps ops;
      ops.ops.push_back(DeleteOp{std::vector<PointId>(first, last)});
      storage::EntryDraft draft;
      draft.body = EncodeOps(ops);
      draft.frees_space = true;
      LINEAL_RETURN_IF_ERROR(shard->Write(draft).status());
    }
  }
  return absl::OkStatus();
}

absl::Status LocalCollection::FinishErasure(const std::string& id, const std::atomic<bool>& stopping) {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  {
    WriteGate::Closed closed(&gate_);
    LINEAL_RETURN_IF_ERROR(DeleteErased(id));
  }
  for (uint32_t i = 0; i < shards_.size(); ++i) {
    optimizer_->Remove(shards_[i].get());
    const absl::Status erased = EraseFromShard(*shards_[i], id, stopping);
    optimizer_->Add(shards_[i].get(), name_, i);
    LINEAL_RETURN_IF_ERROR(erased);
  }
  return absl::OkStatus();
}

}  // namespace lineal::engine
