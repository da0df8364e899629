// A collection kept in plain maps: what every operation must come to. Each state is remembered under its seq, so that
// reads of older states can be judged too.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/api/database.h"

namespace lineal::engine {

// A filter that the model can judge by itself: tag equals, number at least, or one of some ids; perhaps negated.
struct ModelFilter {
  std::optional<std::string> tag;
  std::optional<int64_t> number_gte;
  std::vector<PointId> ids;
  bool negated = false;

  Filter ToFilter() const {
    Filter filter;
    auto& into = negated ? filter.must_not : filter.must;
    Filter all;
    if (tag) all.must.push_back(Condition{FieldCondition{"tag", MatchValue{*tag}}});
    if (number_gte) all.must.push_back(Condition{FieldCondition{"n", Range{.gte = static_cast<double>(*number_gte)}}});
    if (!ids.empty()) all.must.push_back(Condition{HasId{ids}});
    into.push_back(Condition{std::make_shared<const Filter>(std::move(all))});
    return filter;
  }
};

struct ModelPoint {
  std::map<std::string, std::vector<float>> vectors;
  Value payload = Value::EmptyObject();
};

inline bool Passes(const ModelFilter& filter, const PointId& id, const ModelPoint& point) {
  bool passes = true;
  if (filter.tag) {
    const Value* tag = point.payload.Find("tag");
    passes = passes && tag != nullptr && tag->is_string() && tag->string() == *filter.tag;
  }
  if (filter.number_gte) {
    const Value* number = point.payload.Find("n");
    const int64_t* value = number == nullptr ? nullptr : number->get_if<int64_t>();
    passes = passes && value != nullptr && *value >= *filter.number_gte;
  }
  if (!filter.ids.empty()) {
    passes = passes && std::find(filter.ids.begin(), filter.ids.end(), id) != filter.ids.end();
  }
  return passes != filter.negated;
}

class CollectionModel {
 public:
  using State = std::map<PointId, ModelPoint>;

  const State& state() const { return state_; }
  const std::map<Seq, State>& history() const { return history_; }

  // Applies the request; false, and nothing changed, if it must be refused.
  bool Apply(const WriteRequest& request, const std::map<const WriteOp*, ModelFilter>& filters) {
    State next = state_;
    for (const WriteOp& op : request.ops) {
      auto it = filters.find(&op);
      if (!ApplyOp(op, it == filters.end() ? nullptr : &it->second, &next)) return false;
    }
    state_ = std::move(next);
    return true;
  }
  void Remember(Seq seq) { history_[seq] = state_; }

  static std::vector<PointId> Matching(const State& state, const ModelFilter* filter) {
    std::vector<PointId> ids;
    for (const auto& [id, point] : state) {
      if (filter == nullptr || Passes(*filter, id, point)) ids.push_back(id);
    }
    return ids;
  }

  // Ids and squared distances, nearest first.
  static std::vector<std::pair<double, PointId>> Nearest(const State& state, const ModelFilter* filter,
                                                         const std::string& name, const std::vector<float>& query) {
    std::vector<std::pair<double, PointId>> found;
    for (const PointId& id : Matching(state, filter)) {
      const ModelPoint& point = state.at(id);
      auto it = point.vectors.find(name);
      if (it == point.vectors.end()) continue;
      double sum = 0;
      for (size_t i = 0; i < query.size(); ++i) sum += std::pow(double{query[i]} - double{it->second[i]}, 2);
      found.emplace_back(sum, id);
    }
    std::sort(found.begin(), found.end());
    return found;
  }

 private:
  static std::optional<std::vector<PointId>> Selected(const PointSelector& selector, const ModelFilter* filter,
                                                      const State& state, bool missing_is_error) {
    if (const auto* ids = std::get_if<0>(&selector)) {
      std::vector<PointId> present;
      for (const PointId& id : *ids) {
        if (state.contains(id)) {
          present.push_back(id);
        } else if (missing_is_error) {
          return std::nullopt;
        }
      }
      return present;
    }
    return Matching(state, filter);
  }

  static bool ApplyOp(const WriteOp& op, const ModelFilter* filter, State* state) {
    if (const auto* upsert = std::get_if<UpsertPoints>(&op)) {
      for (const PointInput& input : upsert->points) {
        ModelPoint point;
        for (const NamedVector& vector : input.vectors) point.vectors[vector.name] = vector.values;
        if (input.payload.is_object()) point.payload = input.payload;
        (*state)[input.id] = std::move(point);
      }
      return true;
    }
    if (const auto* update = std::get_if<UpdateVectors>(&op)) {
      for (const PointInput& input : update->points) {
        auto it = state->find(input.id);
        if (it == state->end()) return false;
        for (const NamedVector& vector : input.vectors) it->second.vectors[vector.name] = vector.values;
      }
      return true;
    }
    if (const auto* remove = std::get_if<DeletePoints>(&op)) {
      const auto ids = Selected(remove->points, filter, *state, false);
      for (const PointId& id : *ids) state->erase(id);
      return true;
    }
    return ChangeEach(op, filter, state);
  }

  static bool ChangeEach(const WriteOp& op, const ModelFilter* filter, State* state) {
    auto each = [&](const PointSelector& selector, auto change) {
      auto ids = Selected(selector, filter, *state, true);
      if (!ids) return false;
      for (const PointId& id : *ids) change(state->at(id));
      return true;
    };
    if (const auto* vectors = std::get_if<DeleteVectors>(&op)) {
      return each(vectors->points, [&](ModelPoint& point) {
        for (const std::string& name : vectors->names) point.vectors.erase(name);
      });
    }
    if (const auto* set = std::get_if<SetPayload>(&op)) {
      return each(set->points, [&](ModelPoint& point) {
        for (const auto& [key, value] : set->payload.object()) point.payload.Set(key, value);
      });
    }
    if (const auto* overwrite = std::get_if<OverwritePayload>(&op)) {
      return each(overwrite->points, [&](ModelPoint& point) { point.payload = overwrite->payload; });
    }
    if (const auto* remove = std::get_if<DeletePayload>(&op)) {
      return each(remove->points, [&](ModelPoint& point) {
        for (const std::string& key : remove->keys) point.payload.Erase(key);
      });
    }
    const auto& clear = std::get<ClearPayload>(op);
    return each(clear.points, [&](ModelPoint& point) { point.payload = Value::EmptyObject(); });
  }

  State state_;
  std::map<Seq, State> history_;
};

}  // namespace lineal::engine
