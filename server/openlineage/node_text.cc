#include "server/openlineage/node_text.h"

#include <vector>

#include "base/status.h"

namespace lineal::server::openlineage {
namespace {

using engine::LineageNodeId;
using Kind = LineageNodeId::Kind;

constexpr size_t kColonsMax = 64;
constexpr std::pair<std::string_view, Kind> kKinds[] = {
    {"dataset:", Kind::kDataset}, {"datasetField:", Kind::kField}, {"job:", Kind::kJob}, {"run:", Kind::kRun}};

std::string_view WordOf(Kind kind) {
  for (const auto& [word, one] : kKinds) {
    if (one == kind) return word;
  }
  return "";
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// What is no escape stays.
std::string Unescaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : HexDigit(text[i + 2]);
    if (low < 0) {
      out.push_back(text[i]);
    } else {
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return out;
}

// All nodes that `rest` can mean.
std::vector<LineageNodeId> Readings(Kind kind, std::string_view rest) {
  std::vector<LineageNodeId> readings;
  const auto add = [&](std::string_view name_space, std::string_view name, std::string_view field) {
    readings.push_back({kind, std::string(name_space), std::string(name), std::string(field)});
    LineageNodeId plain{kind, Unescaped(name_space), Unescaped(name), Unescaped(field)};
    if (plain != readings.back()) readings.push_back(std::move(plain));
  };
  if (kind == Kind::kRun) {
    add("", rest, "");
    return readings;
  }
  std::string_view field;
  if (kind == Kind::kField) {
    const size_t last = rest.rfind(':');
    if (last == std::string_view::npos) return readings;
    field = rest.substr(last + 1);
    rest = rest.substr(0, last);
  }
  for (size_t at = rest.find(':'); at != std::string_view::npos; at = rest.find(':', at + 1)) {
    if (at > 0 && at + 1 < rest.size()) add(rest.substr(0, at), rest.substr(at + 1), field);
    if (readings.size() > 2 * kColonsMax) break;
  }
  return readings;
}

absl::StatusOr<std::vector<LineageNodeId>> There(engine::OpenLineageStore& store, Kind kind, std::string_view rest) {
  std::vector<LineageNodeId> there;
  for (LineageNodeId& id : Readings(kind, rest)) {
    if (id.name_space.find('\0') != std::string::npos || id.name.find('\0') != std::string::npos) continue;
    const absl::Status found = store.Find(id).status();
    if (found.ok()) there.push_back(std::move(id));
    if (!found.ok() && found.code() != absl::StatusCode::kNotFound) return found;
  }
  return there;
}

}  // namespace

std::string NodeText(const LineageNodeId& id) {
  if (id.kind == Kind::kRun) return StrCat(WordOf(id.kind), id.name);
  std::string text = StrCat(WordOf(id.kind), id.name_space, ":", id.name);
  if (id.kind == Kind::kField) StrAppend(&text, ":", id.field);
  return text;
}

absl::StatusOr<LineageNodeId> FindNode(engine::OpenLineageStore& store, std::string_view text) {
  for (const auto& [word, kind] : kKinds) {
    if (!text.starts_with(word)) continue;
    const std::string_view rest = text.substr(word.size());
    LINEAL_ASSIGN_OR_RETURN(std::vector<LineageNodeId> there, There(store, kind, rest));
    const size_t version = rest.rfind('#');
    if (there.empty() && version != std::string_view::npos) {
      LINEAL_ASSIGN_OR_RETURN(there, There(store, kind, rest.substr(0, version)));
    }
    if (there.size() == 1) return there.front();
    if (there.empty()) return NotFound("No node with id ", text.substr(0, 256), " found");
    return InvalidArgument("nodeId ", text.substr(0, 256), " fits ", there.size(),
                           " nodes: escape the colons inside its namespace and name as %3A");
  }
  return InvalidArgument("nodeId `", text.substr(0, 64), "` begins with none of dataset:, datasetField:, job:, run:");
}

}  // namespace lineal::server::openlineage
