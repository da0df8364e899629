#include "engine/filter/filter_codec.h"

#include "base/status.h"

namespace lineal::engine {
namespace {

enum class Tag : uint8_t {
  kMatchValue = 1,
  kMatchAny,
  kMatchExcept,
  kMatchText,
  kRange,
  kDatetimeRange,
  kValuesCount,
  kIsEmpty,
  kIsNull,
  kHasId,
  kHasVector,
  kNested,
  kFilter,
};

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

void PutTag(std::string* out, Tag tag) { PutFixed(out, static_cast<uint8_t>(tag)); }

void PutScalar(std::string* out, const MatchScalar& scalar) {
  PutFixed(out, static_cast<uint8_t>(scalar.index()));
  std::visit(Overloaded{[&](const std::string& text) { PutString(out, text); },
                        [&](int64_t number) { PutVarint(out, ZigZag(number)); },
                        [&](bool flag) { PutFixed(out, static_cast<uint8_t>(flag)); }},
             scalar);
}

MatchScalar ReadScalar(Reader* reader) {
  switch (reader->Fixed<uint8_t>()) {
    case 0:
      return std::string(reader->String());
    case 1:
      return UnZigZag(reader->Varint());
    default:
      return reader->Fixed<uint8_t>() != 0;
  }
}

void PutScalars(std::string* out, const std::vector<MatchScalar>& scalars) {
  PutVarint(out, scalars.size());
  for (const MatchScalar& scalar : scalars) PutScalar(out, scalar);
}

std::vector<MatchScalar> ReadScalars(Reader* reader) {
  std::vector<MatchScalar> scalars;
  const uint64_t count = reader->Varint();
  for (uint64_t i = 0; i < count && reader->ok(); ++i) scalars.push_back(ReadScalar(reader));
  return scalars;
}

template <class Bounds>
void PutBounds(std::string* out, const Bounds& bounds) {
  for (const auto& bound : {bounds.lt, bounds.gt, bounds.lte, bounds.gte}) {
    PutFixed(out, static_cast<uint8_t>(bound.has_value()));
    if (bound) PutFixed(out, *bound);
  }
}

template <class Bounds>
Bounds ReadBounds(Reader* reader) {
  Bounds bounds;
  for (auto* bound : {&bounds.lt, &bounds.gt, &bounds.lte, &bounds.gte}) {
    if (reader->Fixed<uint8_t>() != 0) {
      *bound = reader->Fixed<typename std::remove_reference_t<decltype(*bound)>::value_type>();
    }
  }
  return bounds;
}

void PutField(std::string* out, const FieldCondition& field) {
  std::visit(Overloaded{[&](const MatchValue&) { PutTag(out, Tag::kMatchValue); },
                        [&](const MatchAny&) { PutTag(out, Tag::kMatchAny); },
                        [&](const MatchExcept&) { PutTag(out, Tag::kMatchExcept); },
                        [&](const MatchText&) { PutTag(out, Tag::kMatchText); },
                        [&](const Range&) { PutTag(out, Tag::kRange); },
                        [&](const DatetimeRange&) { PutTag(out, Tag::kDatetimeRange); },
                        [&](const ValuesCount&) { PutTag(out, Tag::kValuesCount); }},
             field.test);
  PutString(out, field.key);
  std::visit(Overloaded{[&](const MatchValue& test) { PutScalar(out, test.value); },
                        [&](const MatchAny& test) { PutScalars(out, test.values); },
                        [&](const MatchExcept& test) { PutScalars(out, test.values); },
                        [&](const MatchText& test) { PutString(out, test.text); },
                        [&](const Range& test) { PutBounds(out, test); },
                        [&](const DatetimeRange& test) { PutBounds(out, test); },
                        [&](const ValuesCount& test) { PutBounds(out, test); }},
             field.test);
}

void PutCondition(std::string* out, const Condition& condition) {
  std::visit(Overloaded{[&](const FieldCondition& field) { PutField(out, field); },
                        [&](const IsEmpty& test) {
                          PutTag(out, Tag::kIsEmpty);
                          PutString(out, test.key);
                        },
                        [&](const IsNull& test) {
                          PutTag(out, Tag::kIsNull);
                          PutString(out, test.key);
                        },
                        [&](const HasId& test) {
                          PutTag(out, Tag::kHasId);
                          PutVarint(out, test.ids.size());
                          for (const PointId& id : test.ids) {
                            std::string key;
                            id.AppendKey(&key);
                            PutString(out, key);
                          }
                        },
                        [&](const HasVector& test) {
                          PutTag(out, Tag::kHasVector);
                          PutString(out, test.name);
                        },
                        [&](const Nested& test) {
                          PutTag(out, Tag::kNested);
                          PutString(out, test.key);
                          AppendFilter(out, *test.filter);
                        },
                        [&](const std::shared_ptr<const Filter>& filter) {
                          PutTag(out, Tag::kFilter);
                          AppendFilter(out, *filter);
                        }},
             condition.test);
}

void PutConditions(std::string* out, const std::vector<Condition>& conditions) {
  PutVarint(out, conditions.size());
  for (const Condition& condition : conditions) PutCondition(out, condition);
}

absl::StatusOr<Condition> ReadCondition(Reader* reader, int depth) {
  const auto tag = static_cast<Tag>(reader->Fixed<uint8_t>());
  auto key = [&] { return std::string(reader->String()); };
  switch (tag) {
    case Tag::kMatchValue: {
      std::string name = key();
      return Condition{FieldCondition{std::move(name), MatchValue{ReadScalar(reader)}}};
    }
    case Tag::kMatchAny: {
      std::string name = key();
      return Condition{FieldCondition{std::move(name), MatchAny{ReadScalars(reader)}}};
    }
    case Tag::kMatchExcept: {
      std::string name = key();
      return Condition{FieldCondition{std::move(name), MatchExcept{ReadScalars(reader)}}};
    }
    case Tag::kMatchText: {
      std::string name = key();
      return Condition{FieldCondition{std::move(name), MatchText{key()}}};
    }
    case Tag::kRange: {
      std::string name = key();
      return Condition{FieldCondition{std::move(name), ReadBounds<Range>(reader)}};
    }
    case Tag::kDatetimeRange: {
      std::string name = key();
      return Condition{FieldCondition{std::move(name), ReadBounds<DatetimeRange>(reader)}};
    }
    case Tag::kValuesCount: {
      std::string name = key();
      return Condition{FieldCondition{std::move(name), ReadBounds<ValuesCount>(reader)}};
    }
    case Tag::kIsEmpty:
      return Condition{IsEmpty{key()}};
    case Tag::kIsNull:
      return Condition{IsNull{key()}};
    case Tag::kHasVector:
      return Condition{HasVector{key()}};
    case Tag::kHasId: {
      HasId test;
      const uint64_t count = reader->Varint();
      for (uint64_t i = 0; i < count && reader->ok(); ++i) {
        auto id = PointId::FromKey(reader->String());
        if (!id) return DataLoss("filter with a broken point id");
        test.ids.push_back(*id);
      }
      return Condition{std::move(test)};
    }
    case Tag::kNested: {
      std::string name = key();
      LINEAL_ASSIGN_OR_RETURN(Filter filter, ReadFilter(reader, depth + 1));
      return Condition{Nested{std::move(name), std::make_shared<const Filter>(std::move(filter))}};
    }
    case Tag::kFilter: {
      LINEAL_ASSIGN_OR_RETURN(Filter filter, ReadFilter(reader, depth + 1));
      return Condition{std::make_shared<const Filter>(std::move(filter))};
    }
  }
  return DataLoss("filter with an unknown condition ", static_cast<int>(tag));
}

absl::Status ReadConditions(Reader* reader, int depth, std::vector<Condition>* out) {
  const uint64_t count = reader->Varint();
  for (uint64_t i = 0; i < count && reader->ok(); ++i) {
    LINEAL_ASSIGN_OR_RETURN(Condition condition, ReadCondition(reader, depth));
    out->push_back(std::move(condition));
  }
  return absl::OkStatus();
}

}  // namespace

void AppendFilter(std::string* out, const Filter& filter) {
  PutConditions(out, filter.must);
  PutConditions(out, filter.should);
  PutConditions(out, filter.must_not);
  PutFixed(out, static_cast<uint8_t>(filter.min_should.has_value()));
  if (filter.min_should) {
    PutVarint(out, filter.min_should->count);
    PutConditions(out, filter.min_should->conditions);
  }
}

absl::StatusOr<Filter> ReadFilter(Reader* reader, int depth) {
  if (depth > kFilterDepthMax) return DataLoss("filter nested deeper than ", kFilterDepthMax);
  Filter filter;
  LINEAL_RETURN_IF_ERROR(ReadConditions(reader, depth, &filter.must));
  LINEAL_RETURN_IF_ERROR(ReadConditions(reader, depth, &filter.should));
  LINEAL_RETURN_IF_ERROR(ReadConditions(reader, depth, &filter.must_not));
  if (reader->Fixed<uint8_t>() != 0) {
    Filter::MinShould min_should;
    min_should.count = reader->Varint();
    LINEAL_RETURN_IF_ERROR(ReadConditions(reader, depth, &min_should.conditions));
    filter.min_should = std::move(min_should);
  }
  if (!reader->ok()) return DataLoss("filter is torn");
  return filter;
}

}  // namespace lineal::engine
