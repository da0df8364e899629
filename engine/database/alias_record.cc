#include "engine/database/alias_record.h"

#include "base/status.h"
#include "engine/lineage/lineage_keys.h"
#include "engine/lineage/record_members.h"
#include "engine/payload/codec.h"

namespace lineal::engine {
namespace {

AliasTarget TargetFrom(const Value& value) {
  return {TextMember(value, "collection"), TextMember(value, "tag"), TextMember(value, "space")};
}

}  // namespace

Value ValueOf(const AliasTarget& target) {
  Value out = Value::EmptyObject();
  out.Set("collection", Value(target.collection));
  if (!target.tag.empty()) out.Set("tag", Value(target.tag));
  if (!target.space.empty()) out.Set("space", Value(target.space));
  return out;
}

std::string EncodeTarget(const AliasTarget& target) {
  if (target.tag.empty() && target.space.empty()) return target.collection;
  return std::string(1, '\0') + EncodePayload(ValueOf(target));
}

absl::StatusOr<AliasTarget> DecodeTarget(std::string_view bytes) {
  if (bytes.empty() || bytes.front() != '\0') return AliasTarget{std::string(bytes), "", ""};
  LINEAL_ASSIGN_OR_RETURN(const Value value, DecodePayload(bytes.substr(1)));
  return TargetFrom(value);
}

std::string EncodeAliasMove(const AliasMove& move) {
  Value out = Value::EmptyObject();
  if (move.from) out.Set("from", ValueOf(*move.from));
  if (move.to) out.Set("to", ValueOf(*move.to));
  out.Set("wall_ms", Value(move.wall_ms));
  out.Set("principal", Value(move.principal));
  return EncodePayload(out);
}

absl::StatusOr<AliasMove> DecodeAliasMove(std::string_view bytes) {
  LINEAL_ASSIGN_OR_RETURN(const Value value, DecodePayload(bytes));
  AliasMove move;
  if (const Value* from = value.Find("from")) move.from = TargetFrom(*from);
  if (const Value* to = value.Find("to")) move.to = TargetFrom(*to);
  move.wall_ms = NumberMember(value, "wall_ms");
  move.principal = TextMember(value, "principal");
  return move;
}

std::string MovePrefix(const std::string& alias) { return LineagePrefix("move").append(alias).append(1, '\0'); }

}  // namespace lineal::engine
