#include "modes/serve/control/control_socket.h"

#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "modes/net/unix_socket.h"
#include "modes/serve/control/control_json.h"

namespace netchat::serve {

namespace {

constexpr size_t kLinksMax = 32;
// For a whole request to come, and for an answer to be read.
constexpr int64_t kPatienceMs = 10'000;
constexpr int64_t kFullMs = 1'000;  // without descriptors, it is looked again after so long

std::string refusal(const char* text) {
    return toJsonLines({Error{ErrorCode::TooMany, text}});
}

}  // namespace

// One connection.
class ControlSocket::Link : private net::Watcher {
  public:
    Link(ControlSocket& socket, LinkId id, int fd, uid_t who)
        : socket_(socket), id_(id), fd_(fd), who_(who) {
        socket_.loop_.watch(fd_, EPOLLIN, *this);
        arm();
    }
    ~Link() {
        socket_.loop_.cancel(timer_);
        socket_.loop_.unwatch(fd_);
        ::close(fd_);
    }

    void answer(std::string lines) {
        out_ += lines;
        waits_ = false;
        arm();
        // Not from within the handler of a line: what it was called by goes on.
        socket_.loop_.post([&socket = socket_, id = id_] {
            if (const auto it = socket.links_.find(id); it != socket.links_.end()) {
                it->second->goOn();
            }
        });
    }

  private:
    void onReady(uint32_t events) override {
        if ((events & (EPOLLERR | EPOLLHUP)) != 0) return socket_.drop(id_);
        if ((events & EPOLLIN) != 0 && !read()) return socket_.drop(id_);
        goOn();
    }

    // False: it has ended.
    bool read() {
        std::array<char, 4096> bytes;
        const ssize_t size = ::recv(fd_, bytes.data(), bytes.size(), 0);
        if (size < 0) return errno == EAGAIN || errno == EINTR;
        if (size == 0) return false;
        in_.append(bytes.data(), static_cast<size_t>(size));
        return true;
    }

    void goOn() {
        if (!write()) return socket_.drop(id_);
        const size_t end = in_.find('\n');
        if (!waits_ && !ending_ && end != std::string::npos) {
            const std::string line = in_.substr(0, end);
            in_.erase(0, end + 1);
            waits_ = true;
            socket_.loop_.cancel(timer_);  // what is ordered may take a while
            timer_ = 0;
            socket_.heard_(id_, who_, line);
        } else if (!ending_ && end == std::string::npos && in_.size() > kControlLineBytesMax) {
            out_ += refusal("a request can have at most 65536 bytes");
            ending_ = true;
            in_.clear();
            if (!write()) return socket_.drop(id_);
        }
        if (ending_ && out_.empty()) return socket_.drop(id_);
        // What comes while an answer is due stays in the kernel.
        const bool reads = !waits_ && !ending_ && out_.empty();
        socket_.loop_.rewatch(fd_, (reads ? EPOLLIN : 0U) | (out_.empty() ? 0U : EPOLLOUT));
    }

    bool write() {
        while (!out_.empty()) {
            const ssize_t size = ::send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
            if (size < 0) return errno == EAGAIN || errno == EINTR;
            out_.erase(0, static_cast<size_t>(size));
            arm();
        }
        return true;
    }

    void arm() {
        socket_.loop_.cancel(timer_);
        timer_ = socket_.loop_.after(kPatienceMs, [this] {
            timer_ = 0;
            socket_.drop(id_);
        });
    }

    ControlSocket& socket_;
    const LinkId id_;
    const int fd_;
    const uid_t who_;
    std::string in_, out_;
    bool waits_ = false;   // for the answer to its request
    bool ending_ = false;  // when all is sent
    net::EventLoop::TimerId timer_ = 0;
};

// Without a descriptor for it, the file is looked at only when somebody asks for it.
class ControlSocket::FileWatch : private net::Watcher {
  public:
    FileWatch(net::EventLoop& loop, std::filesystem::path file, std::function<void()> happened)
        : loop_(loop),
          file_(std::move(file)),
          happened_(std::move(happened)),
          fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
        if (fd_ < 0) return;
        loop_.watch(fd_, EPOLLIN, *this);
        follow();
    }
    ~FileWatch() {
        if (fd_ < 0) return;
        loop_.unwatch(fd_);
        ::close(fd_);
    }
    FileWatch(const FileWatch&) = delete;
    FileWatch& operator=(const FileWatch&) = delete;

    // The file that has the name now.
    void follow() {
        if (fd_ < 0) return;
        if (watched_ >= 0) ::inotify_rm_watch(fd_, watched_);
        // Removing it changes its count of links: an open socket is not deleted before its end.
        watched_ = ::inotify_add_watch(fd_, file_.c_str(), IN_ATTRIB | IN_MOVE_SELF);
    }

  private:
    void onReady(uint32_t) override {
        alignas(inotify_event) std::array<char, 4096> events;
        while (::read(fd_, events.data(), events.size()) > 0) {
        }
        happened_();
    }

    net::EventLoop& loop_;
    const std::filesystem::path file_;
    const std::function<void()> happened_;
    const int fd_;
    int watched_ = -1;
};

Result<std::unique_ptr<ControlSocket>> ControlSocket::open(net::EventLoop& loop,
                                                           const std::filesystem::path& folder,
                                                           Heard heard, MadeAgain madeAgain) {
    auto fd = net::listenLocally(folder, kName);
    if (!fd) return fd.error();
    return std::unique_ptr<ControlSocket>(
        new ControlSocket(loop, folder, *fd, std::move(heard), std::move(madeAgain)));
}

ControlSocket::ControlSocket(net::EventLoop& loop, std::filesystem::path folder, int fd,
                             Heard heard, MadeAgain madeAgain)
    : loop_(loop),
      folder_(std::move(folder)),
      fd_(fd),
      file_(fileNow()),
      heard_(std::move(heard)),
      madeAgain_(std::move(madeAgain)) {
}

ControlSocket::~ControlSocket() {
    links_.clear();
    if (watched_) loop_.unwatch(fd_);
    ::close(fd_);
    if (fileNow() == file_) ::unlink((folder_ / kName).c_str());
}

void ControlSocket::start() {
    loop_.watch(fd_, EPOLLIN, *this);
    watched_ = true;
    fileWatch_ = std::make_unique<FileWatch>(loop_, folder_ / kName, [this] { makeIfGone(); });
    // It may have gone before it was watched.
    makeIfGone();
}

// ---- its file

ControlSocket::FileId ControlSocket::fileNow() const {
    struct stat about {};
    if (::lstat((folder_ / kName).c_str(), &about) != 0) return {};
    return {about.st_dev, about.st_ino};
}

void ControlSocket::makeIfGone() {
    if (!watched_ || fileNow() == file_) return;
    auto fd = net::listenLocally(folder_, kName);
    if (fd) {
        loop_.unwatch(fd_);
        ::close(std::exchange(fd_, *fd));
        loop_.watch(fd_, EPOLLIN, *this);
        file_ = fileNow();
        fileWatch_->follow();
    }
    madeAgain_(fd ? Status{Ok{}} : Status{fd.error()});
}

void ControlSocket::onReady(uint32_t) {
    accept();
}

void ControlSocket::accept() {
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) return;
        // There are no descriptors: the loop would be woken all the time.
        loop_.rewatch(fd_, 0);
        loop_.after(kFullMs, [this] { loop_.rewatch(fd_, EPOLLIN); });
        return;
    }
    const uid_t who = net::peerUser(fd);
    const bool mayCome = who == 0 || who == ::geteuid();
    if (!mayCome || links_.size() >= kLinksMax) {
        const std::string text = refusal(mayCome ? "too many connections to the control socket"
                                                 : "permission denied: only root and the user that "
                                                   "the server runs as can manage it");
        (void)!::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        ::close(fd);
        return;
    }
    const LinkId id = ++lastLink_;
    links_.emplace(id, std::make_unique<Link>(*this, id, fd, who));
}

void ControlSocket::drop(LinkId link) {
    // It may be what calls.
    const auto it = links_.find(link);
    if (it == links_.end()) return;
    gone_.push_back(std::move(it->second));
    links_.erase(it);
    loop_.post([this] { gone_.clear(); });
}

void ControlSocket::answer(LinkId link, std::string lines) {
    const auto it = links_.find(link);
    if (it != links_.end()) it->second->answer(std::move(lines));
}

}  // namespace netchat::serve
