#include "modes/connect/line_input.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "protocol/limits.h"

namespace netchat::connect {

namespace {

constexpr size_t kReadBytes = 64 * limits::kKiB;

}  // namespace

LineInput::LineInput(net::EventLoop& loop, int fd)
    : loop_(loop), fd_(fd), splitter_(limits::kTextBytesMax) {
}

LineInput::~LineInput() {
    if (watching_) loop_.unwatch(fd_);
}

void LineInput::start(Reader& reader) {
    if (source_ != Source::Unknown) return;
    reader_ = &reader;
    source_ = Source::Watched;
    updateWatch();
}

void LineInput::setPaused(bool paused) {
    if (paused_ == paused) return;
    paused_ = paused;
    if (source_ == Source::Unknown || source_ == Source::Ended) return;
    updateWatch();
}

void LineInput::updateWatch() {
    const bool wanted = source_ == Source::Watched && !paused_ && unread_.empty();
    if (wanted && !watching_) {
        try {
            loop_.watch(fd_, EPOLLIN, *this);
            watching_ = true;
        } catch (const std::system_error& refused) {
            // EPERM: a file, or a device such as /dev/null. What cannot be read at all says so
            // when it is read.
            source_ = Source::Ready;
        }
    } else if (!wanted && watching_) {
        loop_.unwatch(fd_);
        watching_ = false;
    }
    if (!paused_ && (source_ == Source::Ready || !unread_.empty())) postTurn();
}

void LineInput::postTurn() {
    if (posted_) return;
    posted_ = true;
    loop_.post([this, alive = std::weak_ptr<char>(alive_)] {
        if (alive.expired()) return;
        posted_ = false;
        if (paused_ || source_ == Source::Ended) return;
        if (unread_.empty() && source_ == Source::Ready) readSome();
        deliver();
    });
}

void LineInput::onReady(uint32_t) {
    readSome();
    deliver();
}

void LineInput::readSome() {
    buffer_.resize(kReadBytes);
    ssize_t got;
    do {
        got = ::read(fd_, buffer_.data(), buffer_.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN) return;
    // A terminal that is gone is an end like any other.
    if (got <= 0) return end();
    unread_ = std::string_view(buffer_).substr(0, static_cast<size_t>(got));
}

// Line by line, because each may ask for a pause.
void LineInput::deliver() {
    const std::weak_ptr<char> alive = alive_;
    while (!paused_ && !unread_.empty() && source_ != Source::Ended) {
        std::string_view line;
        const auto got = splitter_.next(unread_, line);
        if (got == LineSplitter::Got::Line) reader_->onLine(line);
        if (got == LineSplitter::Got::TooLong) reader_->onLongLine();
        if (alive.expired()) return;
    }
    if (source_ != Source::Ended) updateWatch();
}

void LineInput::end() {
    if (watching_) loop_.unwatch(fd_);
    watching_ = false;
    source_ = Source::Ended;
    const std::weak_ptr<char> alive = alive_;
    std::string_view line;
    const auto got = splitter_.finish(line);
    if (got == LineSplitter::Got::Line) reader_->onLine(line);
    if (got == LineSplitter::Got::TooLong) reader_->onLongLine();
    if (!alive.expired()) reader_->onInputEnd();
}

}  // namespace netchat::connect
