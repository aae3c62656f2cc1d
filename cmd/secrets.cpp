#include "cmd/secrets.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "modes/net/file_text.h"
#include "modes/serve/limits/password.h"
#include "protocol/shell_word.h"

namespace netchat::cmd {

namespace {

constexpr size_t kLineMax = 4096;

std::string osText() {
    return std::generic_category().message(errno);
}

// Up to LF or the end.
std::string lineOf(int fd) {
    std::string line;
    for (char c = 0; line.size() < kLineMax && ::read(fd, &c, 1) == 1 && c != '\n';) line += c;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
}

// What is typed is not shown, and what was shown before is again when this ends.
class Unseen {
  public:
    explicit Unseen(int fd) : fd_(fd), good_(tcgetattr(fd, &before_) == 0) {
        if (!good_) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(fd_, TCSAFLUSH, &silent);
    }
    ~Unseen() {
        if (good_) tcsetattr(fd_, TCSAFLUSH, &before_);
    }
    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;

  private:
    int fd_;
    termios before_{};
    bool good_;
};

std::string ask(const std::string& question) {
    const int fd = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) throw UsageError("no terminal to ask for the password; name a file");
    std::string line;
    {
        const Unseen unseen(fd);
        (void)!::write(fd, question.data(), question.size());
        line = lineOf(fd);
        (void)!::write(fd, "\n", 1);
    }
    ::close(fd);
    return line;
}

}  // namespace

std::string askAtTerminal(const std::string& question) {
    const int fd = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) throw UsageError("no terminal to ask the question");
    (void)!::write(fd, question.data(), question.size());
    std::string line = lineOf(fd);
    ::close(fd);
    return line;
}

namespace {

void check(const std::string& password, const std::string& where) {
    if (password.empty() || password.size() > serve::kPasswordBytesMax) {
        throw UsageError(where + ": a password must have 1 to " +
                         std::to_string(serve::kPasswordBytesMax) + " bytes");
    }
    // It travels as a label of a head line.
    for (const char c : password) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            throw UsageError(where + ": a password must not contain control characters");
        }
    }
}

}  // namespace

std::string readSecretFile(const std::string& option, const std::string& path) {
    const std::string what = "--" + option + ": ";
    const auto read = net::readFirstLine(path, kLineMax);
    if (!read) throw UsageError(what + "cannot read " + path + ": " + read.error().text);
    std::string line = *read;
    if (line.ends_with('\r')) line.pop_back();
    struct stat about {};
    const bool known = ::stat(path.c_str(), &about) == 0;
    if (known && S_ISREG(about.st_mode) && (about.st_mode & 077U) != 0) {
        throw UsageError(what + "other users can read " + path + "; chmod 600 " +
                         shellOperand(path).value_or("FILE"));
    }
    if (line.empty()) throw UsageError(what + "the first line of " + path + " is empty");
    return line;
}

void readPassword(const Arguments& arguments, client::Options& options) {
    if (!arguments.has("password-file")) return;
    if (options.classic) {
        throw UsageError("the classic protocol has no passwords; leave out --classic");
    }
    if (!options.trust) {
        const auto address = net::resolve(options.server);
        if (!address || !address->host().isLoopback()) {
            throw UsageError(
                "a password is sent to another machine only over TLS; leave out --insecure");
        }
    }
    const std::string path = arguments.text("password-file");
    options.password = path == "-" ? ask("Password of " + options.server.host + ": ")
                                   : readSecretFile("password-file", path);
    check(options.password, "--password-file");
}

void makePasswordFile(const std::string& path) {
    const bool typed = ::isatty(STDIN_FILENO) == 1;
    const std::string password = typed ? ask("New password: ") : lineOf(STDIN_FILENO);
    check(password, "--make-password");
    if (typed && ask("Repeat password: ") != password) {
        throw UsageError("--make-password: the passwords do not match");
    }
    const std::string line = serve::passwordLine(password) + "\n";
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) throw UsageError("--make-password: cannot make " + path + ": " + osText());
    const bool written = ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    if (!written || ::fsync(fd) != 0 || ::close(fd) != 0) {
        throw UsageError("--make-password: cannot write " + path + ": " + osText());
    }
}

}  // namespace netchat::cmd
