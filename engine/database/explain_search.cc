#include "engine/database/explain_search.h"

#include <algorithm>
#include <set>
#include <variant>

#include "base/strings.h"

namespace lineal::engine {
namespace {

// Payloads that are read to count what passes where no index can tell.
constexpr uint64_t kPayloadsMax = 10'000;

// The payload index that would answer a condition; nothing for those that none does.
std::optional<FieldType> IndexFor(const FieldCondition& condition) {
  const auto of_scalar = [](const MatchScalar& scalar) {
    if (std::holds_alternative<std::string>(scalar)) return FieldType::kKeyword;
    return std::holds_alternative<bool>(scalar) ? FieldType::kBool : FieldType::kInteger;
  };
  if (const auto* match = std::get_if<MatchValue>(&condition.test)) return of_scalar(match->value);
  if (const auto* any = std::get_if<MatchAny>(&condition.test); any != nullptr && !any->values.empty()) {
    return of_scalar(any->values.front());
  }
  if (const auto* except = std::get_if<MatchExcept>(&condition.test); except != nullptr && !except->values.empty()) {
    return of_scalar(except->values.front());
  }
  if (std::holds_alternative<MatchText>(condition.test)) return FieldType::kText;
  if (std::holds_alternative<DatetimeRange>(condition.test)) return FieldType::kDatetime;
  if (std::holds_alternative<Range>(condition.test)) return FieldType::kFloat;
  return std::nullopt;
}

class Advice {
 public:
  explicit Advice(const TableSchema& schema) : schema_(schema) {}

  void Look(const Filter& filter) {
    for (const auto* conditions : {&filter.must, &filter.should, &filter.must_not}) {
      for (const Condition& condition : *conditions) Look(condition);
    }
    if (!filter.min_should) return;
    for (const Condition& condition : filter.min_should->conditions) Look(condition);
  }
  std::vector<std::string> Take() { return std::move(lines_); }

 private:
  void Look(const Condition& condition) {
    if (const auto* inner = std::get_if<std::shared_ptr<const Filter>>(&condition.test)) {
      if (*inner != nullptr) Look(**inner);
    }
    const auto* field = std::get_if<FieldCondition>(&condition.test);
    if (field == nullptr || schema_.FindField(field->key) != nullptr || !told_.insert(field->key).second) return;
    if (const auto type = IndexFor(*field)) {
      lines_.push_back(StrCat("field `", field->key,
                              "` has no payload index, so that payloads are read for it: an index of type ",
                              NameOf(*type), " would answer the filter"));
    }
  }

  const TableSchema& schema_;
  std::set<std::string> told_;
  std::vector<std::string> lines_;
};

double MicrosBetween(int64_t begin_ns, int64_t end_ns) { return static_cast<double>(end_ns - begin_ns) * 1e-3; }

}  // namespace

std::vector<std::string> AdviceFor(const Filter& filter, const TableSchema& schema) {
  Advice advice(schema);
  advice.Look(filter);
  return advice.Take();
}

SearchTrace* ExplainedSearch::Begin(const CollectionReads::Part& part) {
  Note& note = notes_.emplace_back();
  note.part = &part;
  note.began_ns = clock_->MonotonicNs();
  return &note.trace;
}

void ExplainedSearch::End(size_t found) {
  notes_.back().ended_ns = clock_->MonotonicNs();
  notes_.back().found = found;
}

void ExplainedSearch::Finish(const CollectionReads& reads, const std::vector<ShardId>& shard_ids,
                             uint32_t vector_number, SearchExplain* out) {
  out->time_us = MicrosBetween(began_ns_, clock_->MonotonicNs());
  for (const Note& note : notes_) {
    const SegmentRead& read = *note.part->read;
    const Segment& segment = read.segment();
    SegmentExplain& line = out->segments.emplace_back();
    const auto view = std::find_if(reads.views().begin(), reads.views().end(),
                                   [&](const auto& one) { return one.get() == note.part->view; });
    line.shard = static_cast<uint32_t>(view - reads.views().begin());
    line.segment = StrCat(Raw(shard_ids.at(line.shard)), "-", segment.id());
    line.kind = NameOf(segment.kind());
    line.rows = segment.rows().size();
    line.dead_rows = segment.rows().dead_rows();
    const VectorColumn* column = segment.Vector(vector_number);
    if (column != nullptr && column->has_index()) {
      line.indexed_rows = std::min<uint64_t>(column->indexed(), line.rows);
    }
    const PlanChoice& choice = note.trace.choice;
    line.plan = NameOf(choice.plan);
    line.reason = Describe(note.trace.question, choice);
    line.by_codes = choice.by_codes;
    line.ef_search = choice.ef_search;
    line.predicted_recall = choice.recall;
    line.matches_min = read.rows_min();
    line.matches_max = read.rows_max();
    line.matches = read.CountPassing(kPayloadsMax);
    line.found = note.found;
    line.hops = note.trace.work.hops;
    line.lists = note.trace.work.lists;
    line.distances_by_codes = note.trace.work.by_codes;
    line.distances_by_rows = note.trace.work.by_rows;
    line.rescored = note.trace.work.rescored;
    line.reads = note.trace.work.reads;
    line.bytes_read = note.trace.work.bytes_read;
    line.time_us = MicrosBetween(note.began_ns, note.ended_ns);
  }
}

}  // namespace lineal::engine
