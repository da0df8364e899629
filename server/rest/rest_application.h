// The dialect on top of the HTTP machinery: finds the route, checks the key before a body is read, sets the deadline,
// runs the handler, wraps the answer, counts.
//
// Threads: as HttpApplication and HttpExchange say.
#pragma once

#include <memory>
#include <string>

#include "server/core/service.h"
#include "server/http/http_application.h"

namespace lineal::server {

class RestApplication final : public HttpApplication {
 public:
  explicit RestApplication(const Service& service);

  std::unique_ptr<HttpExchange> Begin(HttpHead head) override;
  HttpResponse Unreadable(int status, std::string_view problem) override;
  void ConnectionsChanged(int64_t open) override;
  void Refused(std::string_view reason) override;

 private:
  const Service service_;
  const std::string started_at_;
};

}  // namespace lineal::server
