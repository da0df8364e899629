#include "server/rest/rest_application.h"

#include <algorithm>
#include <ctime>
#include <exception>

#include "base/status.h"
#include "server/rest/envelope.h"
#include "server/rest/mlflow_door.h"
#include "server/rest/openlineage_door.h"
#include "server/rest/routes.h"
#include "server/rest/write_explain.h"
#include "server/rest/write_receipt.h"

namespace lineal::server {
namespace {

constexpr uint64_t kTimeoutMaxS = 3600;
constexpr size_t kTextMax = 256;  // of what receipts repeat

std::string Rfc3339(int64_t wall_ms) {
  const time_t seconds = wall_ms / 1000;
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return std::string(text, strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts));
}

std::string_view KeyOf(const HttpHead& head) {
  if (auto key = head.Find("api-key")) return *key;
  auto bearer = head.Find("authorization");
  constexpr std::string_view kBearer = "Bearer ";
  return bearer && bearer->starts_with(kBearer) ? bearer->substr(kBearer.size()) : std::string_view();
}

void AddCrossOrigin(HttpResponse* response) { response->headers.emplace_back("Access-Control-Allow-Origin", "*"); }

// What browsers ask before they send what a page wants to send.
HttpResponse Preflight(const HttpHead& head) {
  HttpResponse response = TextResponse(200, "");
  auto wanted = head.Find("access-control-request-headers");
  response.headers.emplace_back("Access-Control-Allow-Methods", "GET, PUT, POST, PATCH, DELETE, OPTIONS");
  response.headers.emplace_back("Access-Control-Allow-Headers", wanted ? std::string(*wanted) : "*");
  response.headers.emplace_back("Access-Control-Max-Age", "3600");
  return response;
}

class RestExchange final : public HttpExchange {
 public:
  RestExchange(const Service& service, HttpMethod method)
      : service_(service), method_(method), began_ns_(service.clock->MonotonicNs()) {
    call_.service = &service;
  }

  // All that the head decides.
  void Open(const HttpHead& head, const std::string& started_at);
  HttpResponse Run(std::string body) override;
  HttpResponse Fail(const absl::Status& status) override;
  void Finished(int status) override {
    service_.metrics->ObserveRequest("rest", NameOf(method_), route_ ? route_->path : "unmatched", status, Seconds());
  }

 private:
  // Whose path it is, and so the shape of its errors.
  enum class Dialect { kOwn, kMlflow, kOpenLineage };

  double Seconds() const { return static_cast<double>(service_.clock->MonotonicNs() - began_ns_) / 1e9; }
  void Refuse(HttpResponse response) {
    AddCrossOrigin(&response);
    refusal = std::move(response);
  }
  // In the shape that the path's clients know.
  HttpResponse ErrorAnswer(const absl::Status& status, ErrorSource source = ErrorSource::kBody) const {
    switch (dialect_) {
      case Dialect::kMlflow:
        return MlflowErrorResponse(status);
      case Dialect::kOpenLineage:
        return OpenLineageErrorResponse(status);
      case Dialect::kOwn:
        break;
    }
    return ErrorResponse(status, Seconds(), source);
  }
  HttpResponse NoRoute(int status, std::string_view problem) const {
    switch (dialect_) {
      case Dialect::kMlflow:
        return MlflowNoEndpoint(status, problem);
      case Dialect::kOpenLineage:
        return OpenLineageError(status, problem);
      case Dialect::kOwn:
        break;
    }
    return ErrorResponse(HttpError{status, std::string(problem)}, Seconds());
  }
  HttpResponse Handle();

  const Service& service_;
  const HttpMethod method_;
  const int64_t began_ns_;
  const Route* route_ = nullptr;
  Dialect dialect_ = Dialect::kOwn;
  RestCall call_;
};

void RestExchange::Open(const HttpHead& head, const std::string& started_at) {
  if (method_ == HttpMethod::kOptions) return Refuse(Preflight(head));
  auto target = ParseTarget(head.target);
  if (!target)
    return Refuse(ErrorResponse(HttpError{400, "Bad request: the request target cannot be read"}, Seconds()));
  if (TakeMlflowPath(&target->segments)) dialect_ = Dialect::kMlflow;
  if (IsOpenLineagePath(target->segments)) dialect_ = Dialect::kOpenLineage;
  RouteMatch match = MatchRoute(method_, target->segments);
  route_ = match.route;
  const bool open = route_ && !route_->right;
  if (!open) {
    const Right right = route_ ? *route_->right : Right::kRead;
    const absl::Status allowed = service_.access->Authorize(KeyOf(head), right, &call_.caller);
    if (!allowed.ok()) return Refuse(ErrorAnswer(allowed));
  }
  if (!route_ && match.allowed.empty()) {
    return Refuse(NoRoute(404, "Not found: there is no such path"));
  }
  if (!route_) {
    HttpResponse response = NoRoute(405, StrCat("Method not allowed: this path takes ", match.allowed));
    response.headers.emplace_back("Allow", match.allowed);
    return Refuse(std::move(response));
  }
  auto query = ReadQueryParams(target->query);
  if (!query.ok()) return Refuse(ErrorAnswer(query.status(), ErrorSource::kQuery));
  call_.query = *std::move(query);
  call_.query_fields = std::move(target->query);
  call_.params = std::move(match.params);
  call_.started_at = started_at;
  call_.request_id = std::string(head.Find("idempotency-key").value_or(""));
  call_.caller.session = std::string(head.Find("lineal-session").value_or(""));
  call_.receipt = head.Find("lineal-receipt") == "true";
  call_.caller.space = std::string(head.Find("lineal-space").value_or("").substr(0, kTextMax));
  call_.trace = std::string(head.Find("x-request-id").value_or("").substr(0, kTextMax));
  call_.accept = std::string(head.Find("accept").value_or(""));
  where = route_->where;
  const uint64_t timeout_s = std::min(call_.query.timeout_s.value_or(0), kTimeoutMaxS);
  deadline = Deadline::AfterMs(service_.clock,
                               timeout_s > 0 ? static_cast<int64_t>(timeout_s) * 1000 : service_.request_timeout_ms);
  call_.deadline = deadline;
}

HttpResponse RestExchange::Handle() {
  JsonWriter result("{\"result\":");
  absl::Status status = call_.deadline.Check();
  if (status.ok()) status = route_->handler(call_, &result);
  // What a GET is asked stands in its query string.
  if (!status.ok()) {
    return ErrorAnswer(status, method_ == HttpMethod::kGet ? ErrorSource::kQuery : ErrorSource::kBody);
  }
  if (call_.whole) return *std::move(call_.whole);
  HttpResponse response = ResultResponse(StrCat(result.Take(), ExplainMember(call_), ReceiptMember(call_)), Seconds());
  AddReceiptHeader(call_, &response);
  for (const std::string& warning : call_.warnings) response.headers.emplace_back("Lineal-Warning", warning);
  return response;
}

HttpResponse RestExchange::Run(std::string body) {
  call_.body = std::move(body);
  HttpResponse response;
  try {
    response = Handle();
  } catch (const std::bad_alloc&) {
    response = ErrorAnswer(MakeError(ErrorKind::kOverload, "not enough memory for the request"));
  } catch (const std::exception& problem) {
    response = ErrorAnswer(Internal(problem.what()));
  }
  AddCrossOrigin(&response);
  return response;
}

HttpResponse RestExchange::Fail(const absl::Status& status) {
  switch (KindOf(status)) {
    case ErrorKind::kOverload:
      service_.metrics->CountRefused("overload");
      break;
    case ErrorKind::kPayloadTooLarge:
      service_.metrics->CountRefused("too_large");
      break;
    default:
      break;
  }
  HttpResponse response = ErrorAnswer(status);
  AddCrossOrigin(&response);
  return response;
}

}  // namespace

RestApplication::RestApplication(const Service& service)
    : service_(service), started_at_(Rfc3339(service.clock->WallMs())) {}

std::unique_ptr<HttpExchange> RestApplication::Begin(HttpHead head) {
  auto exchange = std::make_unique<RestExchange>(service_, head.method);
  exchange->Open(head, started_at_);
  return exchange;
}

HttpResponse RestApplication::Unreadable(int status, std::string_view problem) {
  HttpResponse response = ErrorResponse(HttpError{status, StrCat("Bad request: ", problem)}, 0);
  service_.metrics->ObserveRequest("rest", "OTHER", "unreadable", status, 0);
  return response;
}

void RestApplication::ConnectionsChanged(int64_t open) { service_.metrics->SetConnections("rest", open); }

void RestApplication::Refused(std::string_view reason) { service_.metrics->CountRefused(reason); }

}  // namespace lineal::server
