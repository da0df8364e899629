// What a text says of the spaces of vectors.
#pragma once

#include <string>
#include <string_view>

namespace lineal::engine {

// "ID" says it of all vectors; "text=ID,image=ID" of those that are named. Empty: not said.
std::string ClaimedSpaceOf(std::string_view claim, std::string_view vector_name);

}  // namespace lineal::engine
