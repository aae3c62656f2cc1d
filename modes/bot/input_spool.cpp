#include "modes/bot/input_spool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>
#include <vector>

#include "protocol/limits.h"
#include "protocol/size_text.h"
#include "protocol/text_safety.h"

namespace netchat::bot {

namespace {

constexpr size_t kSpoolSliceBytes = 256 * limits::kKiB;

Error failure(const std::string& what) {
    const int error = errno;
    const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
    return {full ? ErrorCode::NoRoom : ErrorCode::Internal,
            what + ": " + std::generic_category().message(error)};
}

// Large files are not for /tmp, which may be in memory.
std::string folder() {
    const char* wanted = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe)
    return wanted != nullptr && *wanted == '/' ? wanted : "/var/tmp";
}

}  // namespace

InputSpool::InputSpool(net::EventLoop& loop, int input, uint64_t bytesMax, Done done)
    : loop_(loop), input_(input), bytesMax_(bytesMax), done_(std::move(done)) {
    if (Status opened = open(); !opened) {
        loop_.post([this, opened, alive = std::weak_ptr<char>(alive_)] {
            if (!alive.expired()) finish(opened);
        });
        return;
    }
    try {
        loop_.watch(input_, EPOLLIN, *this);
        watching_ = true;
    } catch (const std::system_error&) {
        postTurn();  // EPERM: a file, or a device such as /dev/null, which is always ready
    }
}

InputSpool::~InputSpool() {
    if (watching_) loop_.unwatch(input_);
    if (file_ >= 0) ::close(file_);
}

Status InputSpool::open() {
    const std::string where = folder();
    file_ = ::open(where.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file_ >= 0) return Ok{};
    // A file system without such files.
    std::string pattern = where + "/netchat-upload-XXXXXX";
    file_ = ::mkostemp(pattern.data(), O_CLOEXEC);
    if (file_ < 0) return failure("cannot write into " + forLog(where, 200));
    ::unlink(pattern.c_str());
    return Ok{};
}

std::string InputSpool::path() const {
    return "/proc/self/fd/" + std::to_string(file_);
}

void InputSpool::onReady(uint32_t) {
    readSome();
}

void InputSpool::postTurn() {
    loop_.post([this, alive = std::weak_ptr<char>(alive_)] {
        if (!alive.expired()) readSome();
    });
}

void InputSpool::readSome() {
    if (!done_) return;
    std::vector<char> slice(kSpoolSliceBytes);
    const ssize_t got = ::read(input_, slice.data(), slice.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) {
        if (!watching_) postTurn();
        return;
    }
    if (got < 0) return finish(failure("standard input cannot be read"));
    if (got == 0) return finish(Ok{});
    if (Status kept = keep(slice.data(), static_cast<size_t>(got)); !kept) return finish(kept);
    if (!watching_) postTurn();
}

Status InputSpool::keep(const char* bytes, size_t size) {
    if (bytesMax_ != 0 && size > bytesMax_ - size_) {
        return Error{ErrorCode::TooLarge, "stdin has more than " + sizeText(bytesMax_) +
                                              ", the most that the server accepts"};
    }
    while (size > 0) {
        const ssize_t n = ::write(file_, bytes, size);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failure("standard input cannot be kept in " + forLog(folder(), 200));
        bytes += n;
        size -= static_cast<size_t>(n);
        size_ += static_cast<uint64_t>(n);
    }
    return Ok{};
}

void InputSpool::finish(Status status) {
    if (std::exchange(watching_, false)) loop_.unwatch(input_);
    if (const Done done = std::exchange(done_, nullptr)) done(std::move(status));
}

}  // namespace netchat::bot
