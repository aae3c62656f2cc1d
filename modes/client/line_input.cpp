#include "modes/client/line_input.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "protocol/limits.h"

namespace netchat::client {
namespace {

constexpr size_t kReadBytes = 64 * limits::kKiB;
constexpr size_t kAheadBytesMax = 16 * limits::kMiB;

}  // namespace

LineInput::LineInput(net::EventLoop& loop, int fd, size_t lineBytesMax, Reader& reader)
    : loop_(loop), fd_(fd), lineBytesMax_(lineBytesMax), reader_(reader) {
    update();
}

LineInput::~LineInput() {
    setWatching(false);
}

void LineInput::setPaused(bool paused) {
    if (paused_ == paused) return;
    paused_ = paused;
    update();
}

WriteWait::Meanwhile LineInput::aheadOfTurn() {
    const auto fd = [this] {
        const bool more =
            source_ == Source::Watched && !aheadEnds_ && ahead_.size() < kAheadBytesMax;
        return more ? fd_ : -1;
    };
    return {fd, [this] { readAhead(); }};
}

// An end, or a failure, is found again by readSome().
void LineInput::readAhead() {
    const size_t before = ahead_.size();
    ahead_.resize(before + kReadBytes);
    const ssize_t got = ::read(fd_, ahead_.data() + before, kReadBytes);
    ahead_.resize(before + static_cast<size_t>(got > 0 ? got : 0));
    aheadEnds_ = got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
    if (got > 0) postTurn();
}

void LineInput::takeAhead() {
    held_.erase(0, from_);
    from_ = 0;
    held_ += std::exchange(ahead_, {});
}

void LineInput::update() {
    bool rest = !ahead_.empty() || held_.find('\n', from_) != std::string::npos;
    setWatching(source_ == Source::Watched && !paused_);
    if (!paused_ && source_ != Source::Ended && (rest || source_ == Source::Ready)) postTurn();
}

void LineInput::setWatching(bool on) {
    if (on == watching_) return;
    if (!on) {
        loop_.unwatch(fd_);
        watching_ = false;
        return;
    }
    try {
        loop_.watch(fd_, EPOLLIN, *this);
        watching_ = true;
    } catch (const std::system_error&) {
        // EPERM: a file, or a device such as /dev/null. What cannot be read at all ends at once.
        source_ = Source::Ready;
    }
}

void LineInput::postTurn() {
    if (posted_) return;
    posted_ = true;
    loop_.post([this, alive = std::weak_ptr<char>(alive_)] {
        if (!alive.expired()) turn();
    });
}

void LineInput::turn() {
    posted_ = false;
    if (paused_ || source_ == Source::Ended) return;
    if (!ahead_.empty()) takeAhead();
    if (source_ == Source::Ready && held_.find('\n', from_) == std::string::npos) readSome();
    deliver();
}

void LineInput::onReady(uint32_t) {
    readSome();
    deliver();
}

void LineInput::readSome() {
    takeAhead();
    size_t before = held_.size();
    held_.resize(before + kReadBytes);
    ssize_t got;
    do {
        got = ::read(fd_, held_.data() + before, kReadBytes);
    } while (got < 0 && errno == EINTR);
    held_.resize(before + static_cast<size_t>(got > 0 ? got : 0));
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (got > 0) return;
    // A terminal that is gone is an end like any other.
    if (got < 0 && errno != EIO && errno != ECONNRESET) {
        failure_ = std::generic_category().message(errno);
    }
    setWatching(false);
    source_ = Source::Ended;
}

// Line by line, because each may ask for a pause, or destroy this object.
void LineInput::deliver() {
    const std::weak_ptr<char> alive = alive_;
    bool ended = source_ == Source::Ended;
    while (!paused_ && tellOne()) {
        if (alive.expired()) return;
    }
    if (!ended) return update();
    if (!paused_) return tellLast();
    source_ = Source::Ready;  // the rest is told after the pause; the end is then read again
    update();
}

bool LineInput::tellOne() {
    size_t end = held_.find('\n', from_);
    std::string_view text = std::string_view(held_).substr(from_);
    if (end == std::string::npos) {
        if (text.size() <= lineBytesMax_ && !skipping_) return false;
        skipping_ = true;  // of such a line nothing is kept
        held_.clear();
        from_ = 0;
        return false;
    }
    text = text.substr(0, end - from_);
    from_ = end + 1;
    bool tooLong = skipping_ || text.size() > lineBytesMax_;
    skipping_ = false;
    tooLong ? reader_.onLongLine() : reader_.onLine(text);
    return true;
}

void LineInput::tellLast() {
    const std::weak_ptr<char> alive = alive_;
    std::string last = held_.substr(from_);
    held_.clear();
    from_ = 0;
    if (skipping_) {
        skipping_ = false;
        reader_.onLongLine();
    } else if (!last.empty()) {
        reader_.onLine(last);
    }
    if (alive.expired()) return;
    failure_.empty() ? reader_.onInputEnd() : reader_.onInputFailed(failure_);
}

}  // namespace netchat::client
