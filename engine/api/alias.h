// Names that may be moved. An alias names a collection, or a tagged version of one, which does not change; it may say
// which embedding space the vectors are of that are sent to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace lineal::engine {

struct AliasTarget {
  std::string collection;
  std::string tag;    // empty: the collection as it is
  std::string space;  // id or name; empty: nothing is said of vectors
  friend bool operator==(const AliasTarget&, const AliasTarget&) = default;
};
struct Alias {
  std::string name;
  AliasTarget target;
};

struct CreateAlias {
  std::string alias;
  AliasTarget target;
};
struct DeleteAlias {
  std::string alias;
};
struct RenameAlias {
  std::string from, to;
};
using AliasChange = std::variant<CreateAlias, DeleteAlias, RenameAlias>;

// Without `from` it was made, without `to` removed.
struct AliasMove {
  std::optional<AliasTarget> from, to;
  int64_t wall_ms = 0;
  std::string principal;
};

}  // namespace lineal::engine
