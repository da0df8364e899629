// All paths of the REST door in one table: dispatch, 404 and 405, the right a request needs, where it runs, and the
// label of its metrics come from here.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/core/access.h"
#include "server/core/work_pool.h"
#include "server/rest/rest_call.h"

namespace lineal::server {

struct Route {
  HttpMethod method;
  std::string_view path;          // a template: "/collections/{collection_name}/points"
  std::optional<Right> right;     // nothing: open to all
  std::optional<WorkKind> where;  // nothing: answered on the io thread
  RestHandler handler;
};

std::span<const Route> Routes();

struct RouteMatch {
  const Route* route = nullptr;  // nothing for an unknown path or method
  std::vector<std::string> params;
  std::string allowed;  // the methods the path has, when only the method is unknown
};
// A HEAD goes where the GET would.
RouteMatch MatchRoute(HttpMethod method, const std::vector<std::string>& segments);

}  // namespace lineal::server
