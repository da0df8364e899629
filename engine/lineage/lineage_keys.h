// Where records of lineage lie in the catalogue: by namespace, then by what they are.
#pragma once

#include <string>
#include <string_view>

namespace lineal::engine {

// There is one namespace until tenants choose theirs.
inline constexpr std::string_view kDefaultNamespace = "default";

// The beginning of all keys of one kind ("session", "model"): "lineage/default/session/".
inline std::string LineagePrefix(std::string_view kind, std::string_view name_space = kDefaultNamespace) {
  return std::string("lineage/").append(name_space).append("/").append(kind).append("/");
}

// What may have been in the catalogue before the audit log began; what is there is noted when it does.
inline constexpr std::string_view kRecordsBeforeTheLog[] = {"alias/", "collection/", "version/",
                                                            "lineage/default/session/"};

}  // namespace lineal::engine
