#include "harness/faults/link.h"

#include <algorithm>

#include "protocol/limits.h"

namespace netchat::harness {

namespace {

// What waits here of one direction at most: beyond it the sender waits.
constexpr size_t kWaitingBytesMax = 256 * limits::kKiB;
constexpr int64_t kConnectTimeoutMs = 5'000;

}  // namespace

Link::Link(net::EventLoop& loop, const Poco::Net::StreamSocket& near,
           const Poco::Net::SocketAddress& server, Hooks hooks)
    : loop_(loop),
      hooks_(std::move(hooks)),
      halves_{Half(*this, Direction::Up), Half(*this, Direction::Down)} {
    Half& up = half(Direction::Up);
    up.socket = near;
    up.connection = std::make_unique<net::Connection>(loop_, near, up);
    connector_ = std::make_unique<net::Connector>(loop_, server, kConnectTimeoutMs,
                                                  [this](Result<Poco::Net::StreamSocket> socket) {
                                                      if (!socket) return end(true);
                                                      connected(*socket);
                                                  });
}

Link::~Link() {
    for (Half& h : halves_) loop_.cancel(h.timer);
}

void Link::connected(const Poco::Net::StreamSocket& socket) {
    Half& down = half(Direction::Down);
    down.socket = socket;
    down.connection = std::make_unique<net::Connection>(loop_, socket, down);
    connector_.reset();
    pump(half(Direction::Up));
}

// ---- faults

void Link::apply(const FaultStep& step) {
    if (state_ != State::Passing) return;
    Half& from = half(step.direction);
    const int64_t nowMs = loop_.nowMs();
    auto fault = step.type->begin(step, nowMs);
    const size_t waiting = from.waiting.size() - from.taken;
    if (waiting > 0) fault->arrived(waiting, nowMs);
    from.faults.push_back(std::move(fault));
    pump(from);
}

void Link::clear() {
    for (Half& h : halves_) h.faults.clear();
    if (state_ != State::Passing) return;
    for (Half& h : halves_) pump(h);
}

// What all faults of a direction together let pass; those that are over go.
Fault::Passage Link::judged(Half& from) {
    const size_t waiting = from.waiting.size() - from.taken;
    Fault::Passage all{.pass = waiting};
    for (auto fault = from.faults.begin(); fault != from.faults.end();) {
        const Fault::Passage one = (*fault)->rule(waiting, loop_.nowMs());
        if (one.act == Fault::After::Over) {
            fault = from.faults.erase(fault);
            continue;
        }
        all.pass = std::min(all.pass, one.pass);
        all.reading = all.reading && one.reading;
        if (all.act == Fault::After::Pass) all.act = one.act;
        if (one.againInMs > 0 && (all.againInMs == 0 || one.againInMs < all.againInMs)) {
            all.againInMs = one.againInMs;
        }
        ++fault;
    }
    return all;
}

void Link::act(Fault::After act) {
    if (act == Fault::After::Close) return end(false);
    if (act == Fault::After::Reset) return end(true);
    state_ = State::Swallowing;
    for (Half& h : halves_) {
        h.faults.clear();
        h.waiting.clear();
        h.taken = 0;
        if (h.connection && !h.ended) h.connection->setReading(true);
    }
}

// ---- bytes

void Link::take(Half& from, std::string_view bytes) {
    if (hooks_.passing) hooks_.passing(from.direction, bytes);
    if (state_ != State::Passing) return;
    from.waiting.append(bytes);
    for (auto& fault : from.faults) fault->arrived(bytes.size(), loop_.nowMs());
    pump(from);
}

void Link::pump(Half& from) {
    loop_.cancel(std::exchange(from.timer, 0));
    for (;;) {
        if (state_ != State::Passing || !from.connection) return;
        const Fault::Passage ruling = judged(from);
        const bool moved = move(from, ruling.pass);
        if (ruling.act != Fault::After::Pass) return act(ruling.act);
        if (moved) continue;
        const size_t waiting = from.waiting.size() - from.taken;
        if (!from.ended) {
            from.connection->setReading(ruling.reading && waiting < kWaitingBytesMax);
        }
        if (ruling.againInMs > 0) {
            from.timer = loop_.after(ruling.againInMs, [this, &from] {
                from.timer = 0;
                pump(from);
            });
        }
        break;
    }
    passEnd(from);
}

// Whether anything has passed.
bool Link::move(Half& from, size_t size) {
    Half& to = other(from);
    if (!to.connection || size == 0) return false;
    const iovec piece{from.waiting.data() + from.taken, size};
    const size_t passed = to.connection->write({&piece, 1});
    from.taken += passed;
    if (from.taken == from.waiting.size() || from.taken > kWaitingBytesMax / 2) {
        from.waiting.erase(0, from.taken);
        from.taken = 0;
    }
    for (auto& fault : from.faults) fault->passed(passed);
    return passed > 0;
}

// ---- ends

void Link::sideEnded(Half& from, std::string_view reason) {
    from.ended = true;
    if (state_ == State::Swallowing) {
        drop(from, false);
        if (!other(from).connection) end(false);
        return;
    }
    if (!reason.empty()) return end(true);
    pump(from);
}

// Once all that a side sent has passed, the other is told of its end.
void Link::passEnd(Half& from) {
    Half& to = other(from);
    if (!from.ended || from.told || from.taken != from.waiting.size() || !to.connection) return;
    from.told = true;
    to.connection->shutdownWrite();
    if (to.told) end(false);
}

void Link::drop(Half& h, bool reset) {
    loop_.cancel(std::exchange(h.timer, 0));
    if (!h.connection) return;
    try {
        // A reset is what an end without lingering is.
        if (reset) h.socket.setLinger(true, 0);
    } catch (const Poco::Exception&) {
        // It is broken already.
    }
    h.connection.reset();
}

void Link::end(bool reset) {
    if (state_ == State::Over) return;
    state_ = State::Over;
    connector_.reset();
    for (Half& h : halves_) drop(h, reset);
    hooks_.over();
}

}  // namespace netchat::harness
