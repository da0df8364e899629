// Feeds arbitrary bytes to every body parser, chosen by the first byte. Invariants: no crash, no leak, and every
// refusal maps to a client error.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "server/http/http_message.h"
#include "server/rest/envelope.h"
#include "server/rest/parse_collection.h"
#include "server/rest/parse_filter.h"
#include "server/rest/parse_points.h"
#include "server/rest/parse_query.h"
#include "server/rest/parse_update.h"

using namespace lineal::server;

namespace {

absl::Status Parse(int which, JsonElement root) {
  const JsonPlace place;
  switch (which) {
    case 0:
      return ReadUpsert(root, place).status();
    case 1:
      return ReadOperations(root, place).status();
    case 2:
      return ReadFilter(root, place).status();
    case 3:
      return ReadQuery(root, place).status();
    case 4:
      return ReadSearch(root, place).status();
    case 5:
      return ReadScroll(root, place).status();
    case 6:
      return ReadCount(root, place).status();
    case 7:
      return ReadRetrieve(root, place).status();
    case 8:
      return ReadCreateCollection(root, place).status();
    case 9:
      return ReadUpdateCollection(root, place, {}).status();
    case 10:
      return ReadFieldIndex(root, place).status();
    case 11:
      return ReadAliasChanges(root, place).status();
    case 12:
      return ReadWriteOp("set_payload", root, place).status();
    case 13:
      return ReadWriteOp("delete", root, place).status();
    default:
      return ReadVectorConfig(root, place).status();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  ParseTarget(text);
  JsonBody body(std::move(text));
  auto root = body.Root();
  absl::Status status = root.status();
  if (status.ok()) status = Parse(data[0] % 15, *root);
  if (status.ok()) return 0;
  const HttpError error = ErrorOf(status);
  LINEAL_CHECK(error.status >= 400 && error.status < 500);
  return 0;
}
