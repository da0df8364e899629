#include "server/grpc/method_table.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"

namespace lineal::server {

void MethodTable::Add(Method method) {
  std::string path = method.path;
  const bool added = methods_.emplace(std::move(path), std::move(method)).second;
  LINEAL_CHECK(added);
}

const Method* MethodTable::Find(std::string_view path) const {
  auto found = methods_.find(path);
  return found == methods_.end() ? nullptr : &found->second;
}

std::vector<std::string> MethodTable::Services() const {
  std::set<std::string> services;
  for (const auto& [path, method] : methods_) services.insert(path.substr(1, path.find('/', 1) - 1));
  return {services.begin(), services.end()};
}

std::vector<const Method*> MethodTable::methods() const {
  std::vector<const Method*> all;
  for (const auto& [path, method] : methods_) all.push_back(&method);
  std::ranges::sort(all, {}, [](const Method* method) { return std::string_view(method->path); });
  return all;
}

MethodTable AllMethods() {
  MethodTable table;
  AddCollectionMethods(&table);
  AddWriteMethods(&table);
  AddReadMethods(&table);
  AddServiceMethods(&table);
  return table;
}

}  // namespace lineal::server
