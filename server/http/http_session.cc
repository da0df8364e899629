#include "server/http/http_session.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <cctype>
#include <chrono>

#include "base/status.h"
#include "server/http/gzip.h"

namespace lineal::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
// What is still read and thrown away of a refused request, so that its sender reads the answer and not a reset.
constexpr size_t kLingerBytes = 64 << 20;
constexpr int64_t kLingerMs = 5'000;

HttpMethod MethodOf(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return HttpMethod::kGet;
    case http::verb::put:
      return HttpMethod::kPut;
    case http::verb::post:
      return HttpMethod::kPost;
    case http::verb::patch:
      return HttpMethod::kPatch;
    case http::verb::delete_:
      return HttpMethod::kDelete;
    case http::verb::head:
      return HttpMethod::kHead;
    case http::verb::options:
      return HttpMethod::kOptions;
    default:
      return HttpMethod::kOther;
  }
}

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

template <class Text>
std::string_view View(const Text& text) {
  return {text.data(), text.size()};
}

HttpHead HeadOf(const http::request<http::empty_body>& request) {
  HttpHead head;
  head.method = MethodOf(request.method());
  head.target = std::string(View(request.target()));
  for (const auto& field : request) {
    head.headers.emplace_back(Lower(View(field.name_string())), std::string(View(field.value())));
  }
  return head;
}

// Waits for `work` on the pool. The executor's work guard keeps the io thread alive until then.
template <class Token>
auto RunOnPool(WorkPool* pool, WorkKind kind, std::function<void()> work, Token&& token) {
  auto start = [pool, kind, work = std::move(work)](auto handler) mutable {
    auto executor = asio::get_associated_executor(handler);
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    auto finish = [shared, guard = asio::make_work_guard(executor), executor](absl::Status status) {
      asio::post(executor, [shared, status = std::move(status)]() mutable { (*shared)(std::move(status)); });
    };
    absl::Status status = pool->Submit(kind, [work = std::move(work), finish] {
      work();
      finish(absl::OkStatus());
    });
    if (!status.ok()) finish(std::move(status));
  };
  return asio::async_initiate<Token, void(absl::Status)>(std::move(start), token);
}

// Unfolds, runs and folds: the part of a request that takes time.
HttpResponse RunExchange(HttpExchange& exchange, std::string body, bool gzipped, bool accepts_gzip,
                         const HttpServerOptions& options) {
  if (gzipped) {
    auto plain = Gunzip(body, GunzipLimits{.bytes_max = options.body_bytes_max});
    if (!plain.ok()) return exchange.Fail(plain.status());
    body = *std::move(plain);
  }
  body.reserve(body.size() + HttpExchange::kBodyPadding);
  HttpResponse response = exchange.Run(std::move(body));
  if (accepts_gzip && response.body.size() > options.gzip_bytes_min) {
    response.body = Gzip(response.body);
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.headers.emplace_back("Vary", "Accept-Encoding");
  }
  return response;
}

bool IsGone(const beast::error_code& error) {
  return error && error != beast::error::timeout && error.category() != http::make_error_code(http::error{}).category();
}

}  // namespace

HttpSession::HttpSession(asio::ip::tcp::socket socket, HttpState* state, HttpSessions* sessions)
    : stream_(std::move(socket)), buffer_(64 << 10), state_(state), sessions_(sessions) {
  state_->Opened();
}

HttpSession::~HttpSession() { state_->Closed(); }

void HttpSession::ExpiresAfter(int64_t ms) { stream_.expires_after(std::chrono::milliseconds(ms)); }

asio::awaitable<void> HttpSession::Serve() {
  auto self = shared_from_this();
  sessions_->insert(this);
  beast::error_code ignored;
  stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  bool serving = true;
  while (serving) {
    const bool has_request = co_await AwaitRequest();
    if (!has_request) break;
    busy_ = true;
    const Next next = co_await ServeOne();
    busy_ = false;
    first_ = false;
    serving = next == Next::kKeepAlive && !state_->stopping.load();
  }
  sessions_->erase(this);
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  stream_.close();
}

void HttpSession::Close(bool force) {
  if (busy_ && !force) return;
  if (running_) running_->Cancel();
  beast::error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  stream_.cancel();
}

// Whether a first byte of a next request came.
asio::awaitable<bool> HttpSession::AwaitRequest() {
  if (buffer_.size() > 0) co_return true;
  ExpiresAfter(first_ ? state_->options.header_timeout_ms : state_->options.idle_timeout_ms);
  auto space = buffer_.prepare(4096);
  auto [error, bytes] = co_await stream_.async_read_some(space, kAwait);
  if (error) co_return false;
  buffer_.commit(bytes);
  co_return true;
}

asio::awaitable<HttpSession::Next> HttpSession::ServeOne() {
  HeadParser head;
  head.header_limit(state_->options.header_bytes_max);
  head.body_limit(boost::none);
  ExpiresAfter(state_->options.header_timeout_ms);
  auto [error, bytes] = co_await http::async_read_header(stream_, buffer_, head, kAwait);
  if (error) {
    if (error == beast::error::timeout || IsGone(error) || error == http::error::end_of_stream ||
        error == http::error::partial_message) {
      co_return Next::kEnd;
    }
    const bool too_long = error == http::error::header_limit || error == http::error::buffer_overflow;
    HttpResponse response = state_->application->Unreadable(too_long ? 431 : 400, error.message());
    co_await Send(response, false, false);
    co_await Linger();
    co_return Next::kEnd;
  }
  const bool head_only = head.get().method() == http::verb::head;
  const bool wants_more = head.get().keep_alive();
  const bool bodiless = !head.chunked() && head.content_length().value_or(0) == 0;
  const bool accepts_gzip = HeaderAccepts(View(head.get()[http::field::accept_encoding]), "gzip");
  const std::string encoding = Lower(View(head.get()[http::field::content_encoding]));
  std::shared_ptr<HttpExchange> exchange = state_->application->Begin(HeadOf(head.get()));

  BodyClaim claim(state_);
  HttpResponse response;
  bool body_read = false;
  if (exchange->refusal) {
    response = *std::move(exchange->refusal);
    body_read = bodiless;
  } else if (!encoding.empty() && encoding != "gzip" && encoding != "identity") {
    response = exchange->Fail(MakeError(ErrorKind::kMalformed, StrCat("content encoding ", encoding, " is not gzip")));
  } else {
    Received received = co_await ReceiveBody(head, *exchange, claim);
    if (received.gone) {
      exchange->Finished(499);
      co_return Next::kEnd;
    }
    if (received.refusal) {
      response = *std::move(received.refusal);
    } else {
      body_read = true;
      response = co_await Answer(exchange, std::move(received.body), encoding == "gzip", accepts_gzip);
    }
  }
  const bool keep_alive = body_read && !response.close && wants_more && !state_->stopping.load();
  const bool sent = co_await Send(response, keep_alive, head_only);
  exchange->Finished(response.status);
  if (sent && !body_read) co_await Linger();
  co_return (sent && keep_alive) ? Next::kKeepAlive : Next::kEnd;
}

asio::awaitable<HttpSession::Received> HttpSession::ReceiveBody(HeadParser& head, HttpExchange& exchange,
                                                                BodyClaim& claim) {
  const HttpServerOptions& options = state_->options;
  const auto too_large = [&] {
    return exchange.Fail(MakeError(ErrorKind::kPayloadTooLarge,
                                   StrCat("body is larger than the limit of ", options.body_bytes_max, " bytes")));
  };
  Received out;
  if (head.content_length().value_or(0) > options.body_bytes_max) {
    out.refusal = too_large();
    co_return out;
  }
  if (beast::iequals(head.get()[http::field::expect], "100-continue")) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    auto [error, bytes] = co_await asio::async_write(stream_, asio::buffer(kContinue), kAwait);
    out.gone = static_cast<bool>(error);
    if (error) co_return out;
  }
  BodyParser parser(std::move(head));
  parser.body_limit(options.body_bytes_max);
  const auto latest = std::chrono::steady_clock::now() + std::chrono::milliseconds(options.body_timeout_ms);
  // The stream's own timer would close the socket, and the client would not learn why.
  stream_.expires_never();
  asio::steady_timer timer(stream_.get_executor());
  auto late = std::make_shared<bool>(false);
  // A body that came with its head waits for nobody.
  const bool all_here = parser.content_length() && *parser.content_length() <= buffer_.size();
  while (!parser.is_done()) {
    if (!all_here) {
      timer.expires_after(std::chrono::milliseconds(options.body_pause_ms));
      timer.async_wait([late, self = weak_from_this()](beast::error_code stopped) {
        auto session = self.lock();
        if (stopped || !session) return;
        *late = true;
        beast::error_code ignored;
        session->stream_.socket().cancel(ignored);
      });
    }
    auto [error, bytes] = co_await http::async_read_some(stream_, buffer_, parser, kAwait);
    if (!all_here) timer.cancel();
    if (error == http::error::body_limit) {
      out.refusal = too_large();
      break;
    }
    if (*late || std::chrono::steady_clock::now() > latest) {
      out.refusal = exchange.Fail(absl::DeadlineExceededError("the body did not arrive in time"));
      break;
    }
    if (error == http::error::partial_message || IsGone(error)) {
      out.gone = true;
      break;
    }
    if (error) {
      out.refusal = exchange.Fail(MakeError(ErrorKind::kMalformed, error.message()));
      break;
    }
    if (!claim.Grow(static_cast<int64_t>(parser.get().body().size()))) {
      state_->application->Refused("body_memory");
      out.refusal = exchange.Fail(MakeError(ErrorKind::kOverload, "request bodies hold all the memory they may"));
      break;
    }
  }
  if (!out.gone && !out.refusal) out.body = std::move(parser.get().body());
  co_return out;
}

asio::awaitable<HttpResponse> HttpSession::Answer(std::shared_ptr<HttpExchange> exchange, std::string body,
                                                  bool gzipped, bool accepts_gzip) {
  if (!exchange->where) {
    co_return RunExchange(*exchange, std::move(body), gzipped, accepts_gzip, state_->options);
  }
  auto response = std::make_shared<HttpResponse>();
  std::function<void()> work = [exchange, response, gzipped, accepts_gzip, state = state_,
                                body = std::make_shared<std::string>(std::move(body))] {
    *response = RunExchange(*exchange, std::move(*body), gzipped, accepts_gzip, state->options);
  };
  running_ = exchange->deadline;
  WatchClient(exchange->deadline);
  absl::Status status = co_await RunOnPool(state_->work, *exchange->where, std::move(work), asio::use_awaitable);
  running_.reset();
  beast::error_code ignored;
  stream_.socket().cancel(ignored);
  if (!status.ok()) co_return exchange->Fail(status);
  co_return std::move(*response);
}

// While a request runs nothing is read; a readable socket then means a pipelined request, or the end.
void HttpSession::WatchClient(const Deadline& deadline) {
  auto watch = [self = weak_from_this(), deadline](beast::error_code error) {
    auto session = self.lock();
    if (error || !session || !session->running_) return;
    char byte;
    const ssize_t got = ::recv(session->stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) deadline.Cancel();
  };
  stream_.socket().async_wait(asio::ip::tcp::socket::wait_read, std::move(watch));
}

asio::awaitable<bool> HttpSession::Send(const HttpResponse& response, bool keep_alive, bool head_only) {
  const std::string head = FormatResponseHead(response, keep_alive);
  std::array<asio::const_buffer, 2> buffers = {
      asio::buffer(head), asio::buffer(response.body.data(), head_only ? 0 : response.body.size())};
  ExpiresAfter(state_->options.write_timeout_ms);
  auto [error, bytes] = co_await asio::async_write(stream_, buffers, kAwait);
  co_return !error;
}

// Ends our side, then reads away what the client still sends, within bounds.
asio::awaitable<void> HttpSession::Linger() {
  beast::error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  ExpiresAfter(kLingerMs);
  buffer_.consume(buffer_.size());
  for (size_t total = 0; total < kLingerBytes;) {
    auto space = buffer_.prepare(32 << 10);
    auto [error, bytes] = co_await stream_.async_read_some(space, kAwait);
    if (error) break;
    total += bytes;
  }
}

}  // namespace lineal::server
