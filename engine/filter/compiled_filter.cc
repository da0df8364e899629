#include "engine/filter/compiled_filter.h"

#include <algorithm>

#include "base/coding.h"
#include "base/status.h"
#include "engine/filter/filter_codec.h"
#include "engine/filter/filter_limits.h"
#include "engine/filter/filter_node.h"

namespace lineal::engine {
namespace {

// Set operations that one min_should may cost; beyond it the bounds stay loose and rows are asked one by one.
constexpr size_t kMinShouldStepsMax = 4096;

using Nodes = std::vector<FilterNodePtr>;

void And(FilterBounds* bounds, const FilterBounds& other) {
  bounds->lower &= other.lower;
  bounds->upper &= other.upper;
}
void Or(FilterBounds* bounds, const FilterBounds& other) {
  bounds->lower |= other.lower;
  bounds->upper |= other.upper;
}
FilterBounds Not(const FilterBounds& bounds, const RowSet& all) { return {all - bounds.upper, all - bounds.lower}; }

FilterBounds AnyOf(const Nodes& nodes, const SegmentFacts& segment) {
  FilterBounds any;
  for (const auto& node : nodes) Or(&any, node->Bounds(segment));
  return any;
}

// Rows where at least `count` of the nodes hold: reached[j] has those where at least j of the nodes so far do.
FilterBounds AtLeast(const Nodes& nodes, uint64_t count, const SegmentFacts& segment, const RowSet& all) {
  if (count == 0) return {all, all};
  if (count > nodes.size()) return {};
  if (count * nodes.size() > kMinShouldStepsMax) return {RowSet(), AnyOf(nodes, segment).upper};
  std::vector<FilterBounds> reached(count + 1);
  reached[0] = {all, all};
  for (const auto& node : nodes) {
    FilterBounds holds = node->Bounds(segment);
    for (size_t j = count; j > 0; --j) {
      FilterBounds step = reached[j - 1];
      And(&step, holds);
      Or(&reached[j], step);
    }
  }
  return std::move(reached[count]);
}

class GroupNode : public FilterNode {
 public:
  Nodes must, should, must_not, min_should;
  std::optional<uint64_t> min_count;

  bool Passes(const FilterSubject& subject) const override {
    auto passes = [&](const FilterNodePtr& node) { return node->Passes(subject); };
    if (!std::all_of(must.begin(), must.end(), passes)) return false;
    if (std::any_of(must_not.begin(), must_not.end(), passes)) return false;
    if (!should.empty() && !std::any_of(should.begin(), should.end(), passes)) return false;
    return !min_count || AtLeastMinCount(passes);
  }

  FilterBounds Bounds(const SegmentFacts& segment) const override {
    const RowSet all = AllRows(segment);
    std::optional<FilterBounds> bounds;  // nothing yet: all rows
    const auto narrow = [&](FilterBounds by) {
      if (bounds) {
        And(&*bounds, by);
      } else {
        bounds = std::move(by);
      }
    };
    for (const auto& node : must) {
      if (bounds && bounds->upper.isEmpty()) return *std::move(bounds);
      narrow(node->Bounds(segment));
    }
    for (const auto& node : must_not) {
      if (bounds && bounds->upper.isEmpty()) return *std::move(bounds);
      narrow(Not(node->Bounds(segment), all));
    }
    if (!should.empty()) narrow(AnyOf(should, segment));
    if (min_count) narrow(AtLeast(min_should, *min_count, segment, all));
    return bounds ? *std::move(bounds) : FilterBounds{all, all};
  }

 private:
  template <class Passes>
  bool AtLeastMinCount(const Passes& passes) const {
    uint64_t holding = 0;
    for (const auto& node : min_should) {
      if (holding >= *min_count) break;
      holding += passes(node);
    }
    return holding >= *min_count;
  }
};

absl::Status MakeAll(const std::vector<Condition>& conditions, const FilterContext& context, Nodes* nodes) {
  for (const Condition& condition : conditions) {
    LINEAL_ASSIGN_OR_RETURN(FilterNodePtr node, MakeCondition(condition, context));
    nodes->push_back(std::move(node));
  }
  return absl::OkStatus();
}

constexpr size_t kKeyBytesMax = 1'024;

bool AsksForIds(const Filter& filter);
bool AsksForIds(const std::vector<Condition>& conditions) {
  return std::any_of(conditions.begin(), conditions.end(), [](const Condition& condition) {
    if (std::holds_alternative<HasId>(condition.test)) return true;
    const auto* inner = std::get_if<std::shared_ptr<const Filter>>(&condition.test);
    return inner != nullptr && *inner != nullptr && AsksForIds(**inner);
  });
}
// Which rows an id has is not the segment's to know. (Within a nested condition there are no ids.)
bool AsksForIds(const Filter& filter) {
  return AsksForIds(filter.must) || AsksForIds(filter.should) || AsksForIds(filter.must_not) ||
         (filter.min_should && AsksForIds(filter.min_should->conditions));
}

// The filter, and what the fields are declared as: texts are compared by that.
std::string KeyOf(const Filter& filter, const std::map<std::string, FieldSchema>* fields) {
  std::string key;
  if (AsksForIds(filter)) return key;
  AppendFilter(&key, filter);
  if (fields != nullptr) {
    for (const auto& [name, schema] : *fields) {
      PutString(&key, name);
      PutFixed(&key, static_cast<uint8_t>(schema.type));
    }
  }
  if (key.size() > kKeyBytesMax) key.clear();
  return key;
}

using Fields = std::map<std::string, FieldSchema>;

void AddMustHold(const Condition& condition, const Fields* fields, std::vector<MustHold>* conditions) {
  const auto* field = std::get_if<FieldCondition>(&condition.test);
  if (field == nullptr) return;
  const auto declared = fields == nullptr ? Fields::const_iterator() : fields->find(field->key);
  const bool as_uuid = fields != nullptr && declared != fields->end() && declared->second.type == FieldType::kUuid;
  conditions->push_back({*field, as_uuid});
}

void AddMustHold(const Filter& filter, const Fields* fields, std::vector<MustHold>* conditions) {
  for (const Condition& condition : filter.must) {
    AddMustHold(condition, fields, conditions);
    const auto* inner = std::get_if<std::shared_ptr<const Filter>>(&condition.test);
    if (inner != nullptr && *inner != nullptr) AddMustHold(**inner, fields, conditions);
  }
  // One that is to hold of one must hold.
  if (filter.should.size() == 1) AddMustHold(filter.should.front(), fields, conditions);
}

class TreeFilter : public CompiledFilter {
 public:
  TreeFilter(FilterNodePtr root, bool passes_all, std::string key, std::vector<MustHold> must_hold)
      : root_(std::move(root)), passes_all_(passes_all), key_(std::move(key)), must_hold_(std::move(must_hold)) {}
  bool passes_all() const override { return passes_all_; }
  bool Passes(const PointFacts& point) const override { return passes_all_ || root_->Passes({&point, nullptr}); }
  FilterBounds Bounds(const SegmentFacts& segment) const override { return root_->Bounds(segment); }
  const std::string& key() const override { return key_; }
  const std::vector<MustHold>& must_hold() const override { return must_hold_; }

 private:
  FilterNodePtr root_;
  bool passes_all_;
  std::string key_;
  std::vector<MustHold> must_hold_;
};

}  // namespace

absl::StatusOr<FilterNodePtr> MakeGroup(const Filter& filter, const FilterContext& context) {
  auto group = std::make_unique<GroupNode>();
  LINEAL_RETURN_IF_ERROR(MakeAll(filter.must, context, &group->must));
  LINEAL_RETURN_IF_ERROR(MakeAll(filter.should, context, &group->should));
  LINEAL_RETURN_IF_ERROR(MakeAll(filter.must_not, context, &group->must_not));
  if (filter.min_should) {
    LINEAL_RETURN_IF_ERROR(MakeAll(filter.min_should->conditions, context, &group->min_should));
    group->min_count = filter.min_should->count;
  }
  return group;
}

absl::StatusOr<std::shared_ptr<const CompiledFilter>> CompiledFilter::Compile(
    const Filter& filter, const std::map<std::string, FieldSchema>* fields) {
  LINEAL_RETURN_IF_ERROR(CheckFilterLimits(filter));
  LINEAL_ASSIGN_OR_RETURN(FilterNodePtr root, MakeGroup(filter, FilterContext{fields, ""}));
  bool passes_all = filter.must.empty() && filter.should.empty() && filter.must_not.empty() &&
                    (!filter.min_should || filter.min_should->count == 0);
  std::vector<MustHold> must_hold;
  AddMustHold(filter, fields, &must_hold);
  return std::make_shared<TreeFilter>(std::move(root), passes_all, passes_all ? "" : KeyOf(filter, fields),
                                      std::move(must_hold));
}

}  // namespace lineal::engine
