// Text cut into the words that `match text` compares: runs of letters and digits, case-folded; each ideograph is a word
// of its own. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lineal::engine {

// The words in order of occurrence, repeated ones included. Bytes that are not UTF-8 separate words.
std::vector<std::string> Tokenize(std::string_view text);
// The same, sorted and each once.
std::vector<std::string> TokenSet(std::string_view text);

}  // namespace lineal::engine
