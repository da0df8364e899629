// Which section of a sealed payload index's image holds what, for the side that writes and the side that reads.
#pragma once

#include <cstddef>

#include "engine/api/schema.h"

namespace lineal::engine {

// Every type: the rows that are empty, null, or hold an element that this type does not index.
inline constexpr size_t kEmptySection = 0;
inline constexpr size_t kNullSection = 1;
inline constexpr size_t kOtherSection = 2;
inline constexpr size_t kFamilySections = 3;  // where the family's own begin

// Terms: rows with two or more different terms, then postings by row.
inline constexpr size_t kManyTermsSection = kFamilySections;
inline constexpr size_t kTermPostings = kFamilySections + 1;
// Ordered: whole values and their rows, then doubles and theirs; both by value, then row.
inline constexpr size_t kWholeValues = kFamilySections;
inline constexpr size_t kWholeRows = kFamilySections + 1;
inline constexpr size_t kRealValues = kFamilySections + 2;
inline constexpr size_t kRealRows = kFamilySections + 3;
// Text: the row of every text, in row order, then postings by text.
inline constexpr size_t kTextRows = kFamilySections;
inline constexpr size_t kTextPostings = kFamilySections + 1;

enum class FieldFamily { kTerms, kOrdered, kText };
inline FieldFamily FamilyOf(FieldType type) {
  switch (type) {
    case FieldType::kKeyword:
    case FieldType::kUuid:
    case FieldType::kBool:
      return FieldFamily::kTerms;
    case FieldType::kInteger:
    case FieldType::kFloat:
    case FieldType::kDatetime:
      return FieldFamily::kOrdered;
    case FieldType::kText:
      return FieldFamily::kText;
  }
  return FieldFamily::kText;
}

}  // namespace lineal::engine
