// Where points came from: of a point, and the points of a source or a run.
#include <algorithm>
#include <charconv>

#include "base/status.h"
#include "engine/database/local_call.h"
#include "engine/database/local_collection.h"
#include "engine/database/write_plan.h"
#include "engine/shard/origin_read.h"

namespace lineal::engine {
namespace {

constexpr uint64_t kOriginPageMax = 10'000;

// Shard, number and row, by colons.
struct PagePlace {
  uint32_t shard = 0;
  OriginRead::Cursor at;
};

absl::StatusOr<PagePlace> PlaceOf(const std::string& offset) {
  PagePlace place;
  if (offset.empty()) return place;
  uint64_t row = 0;
  const char *begin = offset.data(), *end = begin + offset.size();
  const auto shard = std::from_chars(begin, end, place.shard);
  if (shard.ec == std::errc() && shard.ptr != end && *shard.ptr == ':') {
    const auto number = std::from_chars(shard.ptr + 1, end, place.at.number);
    if (number.ec == std::errc() && number.ptr != end && *number.ptr == ':') {
      const auto last = std::from_chars(number.ptr + 1, end, row);
      place.at.row = RowId{row};
      if (last.ec == std::errc() && last.ptr == end) return place;
    }
  }
  return InvalidArgument("offset `", offset, "` is not the `next` of a page");
}

}  // namespace

absl::StatusOr<std::vector<PointOrigin>> LocalCollection::Provenance(const ProvenanceRequest& request) {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  LINEAL_ASSIGN_OR_RETURN(auto views, Views(request.read));
  const ShardView& view = *views[ShardOf(request.id, static_cast<uint32_t>(views.size()))];
  OriginRead read(view);
  std::vector<RowPlace> places;
  if (request.history) {
    places = view.RowsEverOf(request.id);
  } else if (const auto place = view.FindPoint(request.id)) {
    places.push_back(*place);
  }
  LINEAL_RETURN_IF_ERROR(view.status());
  if (places.empty()) return NotFound("No point with id ", request.id.ToString(), " found");
  std::vector<PointOrigin> states;
  for (const RowPlace& place : places) {
    LINEAL_RETURN_IF_ERROR(request.read.deadline.Check());
    LINEAL_ASSIGN_OR_RETURN(std::vector<PointOrigin> of_row, read.StatesOf(place));
    if (!request.history) of_row.resize(1);
    std::move(of_row.begin(), of_row.end(), std::back_inserter(states));
  }
  LINEAL_RETURN_IF_ERROR(view.status());
  return states;
}

absl::StatusOr<OriginPage> LocalCollection::PointsOf(const OriginPageRequest& request) {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  const OriginSelector& selector = request.selector;
  if (!selector.source && selector.context == IngestContext()) {
    return InvalidArgument("name a source, a run, a space, a transform, a dataset, a principal or an endpoint");
  }
  if (selector.source) LINEAL_RETURN_IF_ERROR(ValidateSource(*selector.source));
  if (request.limit == 0 || request.limit > kOriginPageMax) {
    return OutOfRange("limit: value ", request.limit, " invalid, must be from 1 to ", kOriginPageMax);
  }
  LINEAL_ASSIGN_OR_RETURN(PagePlace from, PlaceOf(request.offset));
  LINEAL_ASSIGN_OR_RETURN(auto views, Views(request.read));
  OriginPage page;
  absl::Status failure;
  for (uint32_t shard = from.shard; shard < views.size() && page.next.empty(); ++shard) {
    OriginRead read(*views[shard]);
    LINEAL_RETURN_IF_ERROR(read.ForEach(selector, from.at, [&](const RowPlace& place, const OriginRead::Cursor& at) {
      failure = request.read.deadline.Check();
      if (!failure.ok()) return false;
      if (page.points.size() == request.limit) {
        page.next = StrCat(shard, ":", at.number, ":", Raw(at.row));
        return false;
      }
      auto origin = read.Of(place);
      failure = origin.status();
      if (origin.ok()) page.points.emplace_back(place.segment->rows().point(place.local), *std::move(origin));
      return failure.ok();
    }));
    LINEAL_RETURN_IF_ERROR(failure);
    from = PagePlace();
  }
  return page;
}

absl::StatusOr<std::vector<ContextCount>> LocalCollection::CountByContext() {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  std::vector<ContextCount> all;
  for (const auto& shard : shards_) {
    LINEAL_ASSIGN_OR_RETURN(const auto counts, engine::CountByContext(shard->store()));
    for (const ContextCount& count : counts) {
      const auto known =
          std::find_if(all.begin(), all.end(), [&](const ContextCount& c) { return c.context == count.context; });
      if (known == all.end()) {
        all.push_back(count);
      } else {
        known->points += count.points;
      }
    }
  }
  std::erase_if(all, [](const ContextCount& count) { return count.points == 0; });
  std::stable_sort(all.begin(), all.end(),
                   [](const ContextCount& a, const ContextCount& b) { return a.points > b.points; });
  return all;
}

}  // namespace lineal::engine
