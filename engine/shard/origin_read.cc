#include "engine/shard/origin_read.h"

#include <algorithm>

#include "base/coding.h"
#include "base/hash.h"
#include "base/status.h"

namespace lineal::engine {
namespace {

absl::Status Broken(std::string_view key) { return DataLoss("origin key ", HexOf(key), " has a value that is none"); }

// Empty texts of `like` hold for all.
bool Holds(const IngestContext& like, const IngestContext& context) {
  for (const auto text : {&IngestContext::run, &IngestContext::transform, &IngestContext::space,
                          &IngestContext::dataset, &IngestContext::principal, &IngestContext::endpoint}) {
    if (!(like.*text).empty() && like.*text != context.*text) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<IngestContext> OriginRead::Context(uint32_t number) {
  if (number == 0) return IngestContext();
  const auto known =
      std::find_if(contexts_.begin(), contexts_.end(), [&](const auto& context) { return context.first == number; });
  if (known != contexts_.end()) return known->second;
  const std::string key = ContextKey(number);
  LINEAL_ASSIGN_OR_RETURN(const auto stored, view_.store().GetOrigins({&key, 1}));
  std::optional<IngestContext> context;
  if (stored[0]) context = DecodeContext(*stored[0]);
  if (!context) return Broken(key);
  contexts_.emplace_back(number, *context);
  return *std::move(context);
}

absl::StatusOr<std::optional<PointSource>> OriginRead::Source(const OriginRecord& record) {
  if (record.source == 0) return std::nullopt;
  const std::string key = SourceKey(record.source);
  LINEAL_ASSIGN_OR_RETURN(const auto stored, view_.store().GetOrigins({&key, 1}));
  std::optional<SourceVersion> source;
  if (stored[0]) source = DecodeSource(*stored[0]);
  if (!source) return Broken(key);
  return PointSource{*std::move(source), record.ordinal};
}

absl::StatusOr<PointOrigin> OriginRead::Describe(const OriginRecord& record, Seq version) {
  PointOrigin origin;
  origin.version = Raw(version);
  LINEAL_ASSIGN_OR_RETURN(origin.context, Context(record.context));
  LINEAL_ASSIGN_OR_RETURN(origin.source, Source(record));
  return origin;
}

absl::StatusOr<std::vector<PointOrigin>> OriginRead::StatesOf(const RowPlace& place) {
  const RowId row = place.row();
  const Seq born = place.segment->rows().born(place.local), died = place.segment->rows().died(place.local);
  std::vector<PointOrigin> states;
  std::vector<std::pair<Seq, OriginRecord>> records;
  absl::Status failure;
  LINEAL_RETURN_IF_ERROR(view_.store().ScanOrigins(OriginKey(row), [&](std::string_view key, std::string_view value) {
    const auto at = PlaceOfOriginKey(key);
    if (!at || at->row != row || at->changed > view_.at()) return false;
    const auto record = DecodeOrigin(value);
    if (!record) failure = Broken(key);
    if (record) records.emplace_back(at->changed, *record);
    return record.has_value();
  }));
  LINEAL_RETURN_IF_ERROR(failure);
  // A row from before there were origins.
  if (records.empty() || records.front().first != kNoSeq) records.insert(records.begin(), {kNoSeq, OriginRecord()});
  for (auto at = records.rbegin(); at != records.rend(); ++at) {
    const bool birth = at->first == kNoSeq;
    LINEAL_ASSIGN_OR_RETURN(PointOrigin origin, Describe(at->second, birth ? born : at->first));
    origin.payload_only = !birth;
    if (died <= view_.at()) origin.died = Raw(died);
    states.push_back(std::move(origin));
  }
  return states;
}

absl::StatusOr<PointOrigin> OriginRead::Of(const RowPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(std::vector<PointOrigin> states, StatesOf(place));
  return std::move(states.front());
}

absl::StatusOr<std::vector<uint32_t>> OriginRead::Contexts(const IngestContext& like) {
  std::vector<uint32_t> numbers;
  absl::Status failure;
  const std::string prefix = ContextKey(0).substr(0, 1);
  LINEAL_RETURN_IF_ERROR(view_.store().ScanOrigins(prefix, [&](std::string_view key, std::string_view value) {
    if (!key.starts_with(prefix)) return false;
    const auto context = DecodeContext(value);
    if (!context) failure = Broken(key);
    if (context && Holds(like, *context)) numbers.push_back(NumberAtEnd(key));
    return context.has_value();
  }));
  LINEAL_RETURN_IF_ERROR(failure);
  return numbers;
}

std::optional<RowPlace> OriginRead::Living(RowId row) const {
  for (const Segment* segment : view_.segments()) {
    const auto local = segment->rows().Find(row);
    if (!local) continue;
    const RowTable& rows = segment->rows();
    if (rows.born(*local) > view_.at() || rows.died(*local) <= view_.at()) continue;
    return RowPlace{segment, *local};
  }
  return std::nullopt;
}

absl::Status OriginRead::ForEach(const OriginSelector& selector, const Cursor& from,
                                 const std::function<bool(const RowPlace&, const Cursor&)>& visit) {
  const bool by_source = selector.source.has_value();
  LINEAL_ASSIGN_OR_RETURN(const std::vector<uint32_t> numbers,
                          by_source ? SourceNumbers(view_.store(), selector) : Contexts(selector.context));
  absl::Status failure;
  bool going_on = true;
  for (const uint32_t number : numbers) {
    if (number < from.number) continue;
    const std::string prefix = by_source ? SourceRowsKey(number) : ContextRowsKey(number);
    const RowId first = number == from.number ? from.row : RowId{0};
    const std::string begin = by_source ? SourceRowKey(number, first) : ContextRowKey(number, first);
    LINEAL_RETURN_IF_ERROR(view_.store().ScanOrigins(begin, [&](std::string_view key, std::string_view) {
      if (!key.starts_with(prefix)) return false;
      const RowId row = RowAtEnd(key);
      const auto place = Living(row);
      if (!place) return true;
      if (by_source) {
        const auto origin = Of(*place);
        if (!origin.ok()) failure = origin.status();
        if (!origin.ok()) return false;
        if (!Holds(selector.context, origin->context)) return true;
      }
      going_on = visit(*place, Cursor{number, row});
      return going_on;
    }));
    LINEAL_RETURN_IF_ERROR(failure);
    if (!going_on) break;
  }
  return view_.status();
}

absl::StatusOr<std::vector<uint32_t>> SourceNumbers(const storage::ShardStore& store, const OriginSelector& selector) {
  std::vector<uint32_t> numbers;
  if (!selector.any_version) {
    const std::string key = SourceNumberKey(EncodeSource(*selector.source));
    LINEAL_ASSIGN_OR_RETURN(const auto stored, store.GetOrigins({&key, 1}));
    if (!stored[0]) return numbers;
    Reader reader(*stored[0]);
    numbers.push_back(static_cast<uint32_t>(reader.Varint()));
    if (!reader.ok()) return Broken(key);
    return numbers;
  }
  const std::string prefix = SourceVersionsKey(*selector.source);
  LINEAL_RETURN_IF_ERROR(store.ScanOrigins(prefix, [&](std::string_view key, std::string_view) {
    if (!key.starts_with(prefix)) return false;
    numbers.push_back(NumberAtEnd(key));
    return true;
  }));
  return numbers;
}

absl::StatusOr<std::vector<ContextCount>> CountByContext(const storage::ShardStore& store) {
  std::vector<ContextCount> counts;
  std::vector<std::string> keys;
  absl::Status failure;
  LINEAL_RETURN_IF_ERROR(
      store.ScanOrigins({&kContextPointsPrefix, 1}, [&](std::string_view key, std::string_view value) {
        if (!key.starts_with(kContextPointsPrefix)) return false;
        Reader reader(value);
        const uint64_t points = reader.Varint();
        if (!reader.ok()) failure = Broken(key);
        keys.push_back(ContextKey(NumberAtEnd(key)));
        counts.push_back({IngestContext(), points});
        return reader.ok();
      }));
  LINEAL_RETURN_IF_ERROR(failure);
  LINEAL_ASSIGN_OR_RETURN(const auto contexts, store.GetOrigins(keys));
  for (size_t i = 0; i < counts.size(); ++i) {
    if (NumberAtEnd(keys[i]) == 0) continue;
    const auto context = contexts[i] ? DecodeContext(*contexts[i]) : std::nullopt;
    if (!context) return Broken(keys[i]);
    counts[i].context = *context;
  }
  return counts;
}

}  // namespace lineal::engine
