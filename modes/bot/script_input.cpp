#include "modes/bot/script_input.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "modes/bot/parser.h"
#include "protocol/text_safety.h"

namespace netchat::bot {

namespace {

constexpr size_t kSliceBytes = 64 * 1024;

// One reading of one descriptor, which it borrows.
class ScriptInput : private net::Watcher {
  public:
    ScriptInput(net::EventLoop& loop, int fd) : loop_(loop), fd_(fd) {}
    ~ScriptInput() {
        if (watching_) loop_.unwatch(fd_);
        loop_.cancel(timer_);
    }
    ScriptInput(const ScriptInput&) = delete;
    ScriptInput& operator=(const ScriptInput&) = delete;

    // errno's value where it failed, ETIMEDOUT for the end of patience, or 0.
    int read(std::optional<int64_t> withinMs, std::string& text) {
        try {
            loop_.watch(fd_, EPOLLIN, *this);
            watching_ = true;
        } catch (const std::system_error&) {
            // EPERM: a file, or a device such as /dev/null, which is always ready.
            while (readSome()) {
            }
            text = std::move(text_);
            return error_;
        }
        if (withinMs) timer_ = loop_.after(*withinMs, [this] { timeUp(); });
        loop_.run();
        text = std::move(text_);
        return error_;
    }

  private:
    void onReady(uint32_t) override {
        if (!readSome()) loop_.stop();
    }
    void timeUp() {
        timer_ = 0;
        error_ = ETIMEDOUT;
        loop_.stop();
    }
    // False: that is all.
    bool readSome() {
        std::vector<char> slice(kSliceBytes);
        const ssize_t got = ::read(fd_, slice.data(), slice.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) return true;
        if (got < 0) error_ = errno;
        if (got <= 0) return false;
        text_.append(slice.data(), static_cast<size_t>(got));
        return text_.size() <= kScriptBytesMax;
    }

    net::EventLoop& loop_;
    const int fd_;
    bool watching_ = false;
    net::EventLoop::TimerId timer_ = 0;
    int error_ = 0;
    std::string text_;
};

}  // namespace

Result<std::string> readScript(net::EventLoop& loop, const std::string& path,
                               std::optional<int64_t> withinMs) {
    const bool input = path == "-";
    // A named pipe opens without its writer, and is then waited for as any other.
    const int fd = input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int error = fd < 0 ? errno : 0;
    std::string text;
    if (fd >= 0) error = ScriptInput(loop, fd).read(withinMs, text);
    if (!input && fd >= 0) ::close(fd);
    if (error == 0) return text;
    const std::string which = input ? "from standard input" : forLog(path, 300);
    if (error == ETIMEDOUT) {
        return Error{ErrorCode::Timeout, "the script " + which + " has not come to its end"};
    }
    return Error{ErrorCode::NoSuchFile,
                 "cannot read the script " + which + ": " + std::generic_category().message(error)};
}

}  // namespace netchat::bot
