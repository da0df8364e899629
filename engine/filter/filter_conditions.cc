// Single conditions of a filter.
#include <algorithm>
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "base/status.h"
#include "engine/filter/field_check.h"
#include "engine/filter/field_index.h"
#include "engine/filter/field_values.h"
#include "engine/filter/filter_node.h"
#include "engine/payload/path.h"

namespace lineal::engine {
namespace {

// What an index says, where it can be believed.
FilterBounds BoundsOf(std::optional<RowSet> match, const SegmentFacts& segment, bool nested) {
  if (!match) return UnknownBounds(segment);
  const RowSet& stale = segment.stale_rows();
  FilterBounds bounds;
  bounds.upper = *std::move(match);
  if (stale.isEmpty()) {
    if (!nested) bounds.lower = bounds.upper;
    return bounds;
  }
  if (!nested) bounds.lower = bounds.upper - stale;
  bounds.upper |= stale;
  bounds.upper &= AllRows(segment);
  return bounds;
}

class FieldNode : public FilterNode {
 public:
  FieldNode(const FieldCondition& condition, PayloadPath path, const FilterContext& context)
      : condition_(condition),
        path_(std::move(path)),
        full_key_(context.FullKey(condition.key)),
        nested_(context.nested()),
        as_uuid_(IsUuid(context, full_key_)),
        check_(condition, as_uuid_) {}

  bool Passes(const FilterSubject& subject) const override { return check_.Passes(path_, subject.payload()); }
  FilterBounds Bounds(const SegmentFacts& segment) const override {
    const FieldIndex* index = segment.Field(full_key_);
    // An index that compares texts in another way than Passes() does is of no use.
    if (index == nullptr || (index->type() == FieldType::kUuid) != as_uuid_) return UnknownBounds(segment);
    return BoundsOf(index->Match(condition_, segment.rows()), segment, nested_);
  }

 private:
  static bool IsUuid(const FilterContext& context, const std::string& key) {
    if (context.fields == nullptr) return false;
    auto field = context.fields->find(key);
    return field != context.fields->end() && field->second.type == FieldType::kUuid;
  }

  FieldCondition condition_;
  PayloadPath path_;
  std::string full_key_;
  bool nested_;
  bool as_uuid_;
  FieldCheck check_;
};

class ShapeNode : public FilterNode {
 public:
  enum class Want { kEmpty, kNull };
  ShapeNode(Want want, PayloadPath path, const FilterContext& context)
      : want_(want), path_(std::move(path)), full_key_(context.FullKey(path_.text())), nested_(context.nested()) {}

  bool Passes(const FilterSubject& subject) const override {
    FieldShape shape = ForEachElement(path_, subject.payload(), [](const Value&) { return true; });
    return want_ == Want::kEmpty ? shape.empty : shape.null;
  }
  FilterBounds Bounds(const SegmentFacts& segment) const override {
    const FieldIndex* index = segment.Field(full_key_);
    // A row is empty at the full key when all its elements are; that says nothing of any one element.
    if (index == nullptr || (nested_ && want_ == Want::kEmpty)) return UnknownBounds(segment);
    return BoundsOf(want_ == Want::kEmpty ? index->Empty(segment.rows()) : index->Null(segment.rows()), segment,
                    nested_);
  }

 private:
  Want want_;
  PayloadPath path_;
  std::string full_key_;
  bool nested_;
};

// Ids and vectors belong to points: no element of a payload has any.
class NeverNode : public FilterNode {
 public:
  bool Passes(const FilterSubject&) const override { return false; }
  FilterBounds Bounds(const SegmentFacts&) const override { return {}; }
};

class IdNode : public FilterNode {
 public:
  explicit IdNode(const HasId& condition) : ids_(condition.ids), set_(ids_.begin(), ids_.end()) {}
  bool Passes(const FilterSubject& subject) const override { return set_.contains(subject.point->id()); }
  FilterBounds Bounds(const SegmentFacts& segment) const override {
    RowSet rows = segment.RowsOf(ids_) & AllRows(segment);
    return {rows, rows};
  }

 private:
  std::vector<PointId> ids_;
  absl::flat_hash_set<PointId> set_;
};

class VectorNode : public FilterNode {
 public:
  explicit VectorNode(const HasVector& condition) : name_(condition.name) {}
  bool Passes(const FilterSubject& subject) const override { return subject.point->HasVector(name_); }
  FilterBounds Bounds(const SegmentFacts& segment) const override {
    RowSet rows = segment.RowsWithVector(name_) & AllRows(segment);
    return {rows, rows};
  }

 private:
  std::string name_;
};

class NestedNode : public FilterNode {
 public:
  NestedNode(PayloadPath path, FilterNodePtr inner) : path_(std::move(path)), inner_(std::move(inner)) {}

  bool Passes(const FilterSubject& subject) const override {
    bool passes = false;
    path_.Visit(subject.payload(), [&](const Value& element) {
      if (element.is_object()) passes = inner_->Passes({subject.point, &element});
      return !passes;
    });
    return passes;
  }
  FilterBounds Bounds(const SegmentFacts& segment) const override { return {RowSet(), inner_->Bounds(segment).upper}; }

 private:
  PayloadPath path_;
  FilterNodePtr inner_;
};

struct ConditionMaker {
  const FilterContext& context;

  absl::StatusOr<FilterNodePtr> operator()(const FieldCondition& condition) const {
    LINEAL_ASSIGN_OR_RETURN(PayloadPath path, PayloadPath::Parse(condition.key));
    return std::make_unique<FieldNode>(condition, std::move(path), context);
  }
  absl::StatusOr<FilterNodePtr> operator()(const IsEmpty& condition) const {
    LINEAL_ASSIGN_OR_RETURN(PayloadPath path, PayloadPath::Parse(condition.key));
    return std::make_unique<ShapeNode>(ShapeNode::Want::kEmpty, std::move(path), context);
  }
  absl::StatusOr<FilterNodePtr> operator()(const IsNull& condition) const {
    LINEAL_ASSIGN_OR_RETURN(PayloadPath path, PayloadPath::Parse(condition.key));
    return std::make_unique<ShapeNode>(ShapeNode::Want::kNull, std::move(path), context);
  }
  absl::StatusOr<FilterNodePtr> operator()(const HasId& condition) const {
    if (context.nested()) return std::make_unique<NeverNode>();
    return std::make_unique<IdNode>(condition);
  }
  absl::StatusOr<FilterNodePtr> operator()(const HasVector& condition) const {
    if (context.nested()) return std::make_unique<NeverNode>();
    return std::make_unique<VectorNode>(condition);
  }
  absl::StatusOr<FilterNodePtr> operator()(const Nested& condition) const {
    std::string key = condition.key.ends_with("[]") ? condition.key : condition.key + "[]";
    LINEAL_ASSIGN_OR_RETURN(PayloadPath path, PayloadPath::Parse(key));
    FilterContext within{context.fields, context.FullKey(key)};
    Filter nothing;
    LINEAL_ASSIGN_OR_RETURN(FilterNodePtr inner, MakeGroup(condition.filter ? *condition.filter : nothing, within));
    return std::make_unique<NestedNode>(std::move(path), std::move(inner));
  }
  absl::StatusOr<FilterNodePtr> operator()(const std::shared_ptr<const Filter>& filter) const {
    return MakeGroup(filter ? *filter : Filter(), context);
  }
};

}  // namespace

absl::StatusOr<FilterNodePtr> MakeCondition(const Condition& condition, const FilterContext& context) {
  return std::visit(ConditionMaker{context}, condition.test);
}

}  // namespace lineal::engine
