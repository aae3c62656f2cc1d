#include "harness/run/child_server.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>
#include <sstream>

#include "modes/net/clock.h"
#include "protocol/text_safety.h"

namespace netchat::harness {

namespace {

constexpr std::string_view kFirstWords = "netchat listening on ";
constexpr size_t kFirstLineBytesMax = 512;
constexpr std::streamoff kComplaintBytesMax = 2000;

std::string systemError(const char* what) {
    return std::string(what) + ": " + std::strerror(errno);
}

// In the child, between fork and exec: only what is safe there.
[[noreturn]] void becomeServer(char* const* words, char* const* environment, int out, int errors) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    execve("/proc/self/exe", words, environment);
    _exit(127);
}

std::vector<char*> pointersTo(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return pointers;
}

std::string endText(int status) {
    if (WIFSIGNALED(status)) return "it was ended by signal " + std::to_string(WTERMSIG(status));
    return "it ended with exit code " + std::to_string(WEXITSTATUS(status));
}

// Ours, with its temporary files in the run's folder.
std::vector<std::string> environmentWith(const std::filesystem::path& folder) {
    std::vector<std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        // Settings of a server that is not this one must not reach it.
        const std::string_view text = *entry;
        const bool setting = text.starts_with("NETCHAT_") || text.starts_with("IP=") ||
                             text.starts_with("PORT=") || text.starts_with("HEADER=") ||
                             text.starts_with("ENCODING=") || text.starts_with("TMPDIR=");
        if (!setting) all.emplace_back(text);
    }
    all.push_back("TMPDIR=" + folder.string());
    return all;
}

}  // namespace

Result<std::unique_ptr<ChildServer>> ChildServer::start(const Options& options) {
    auto launched = launch(options);
    if (!launched) return launched.error();
    if (auto status = (*launched)->waitUntilListening(options.timeoutMs); !status) {
        return Error{status.error().code, status.error().text + (*launched)->complaints()};
    }
    return launched;
}

Result<std::unique_ptr<ChildServer>> ChildServer::launch(const Options& options) {
    std::vector<std::string> words = options.arguments;
    words.insert(words.begin(), "netchat");
    std::vector<std::string> environment = environmentWith(options.folder);
    const auto wordPointers = pointersTo(words), environmentPointers = pointersTo(environment);
    const std::filesystem::path complaints = options.folder / "server.stderr";
    const int errors = open(complaints.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (errors < 0) return Error{ErrorCode::Internal, systemError(complaints.c_str())};
    std::array<int, 2> out{};
    if (pipe2(out.data(), O_CLOEXEC) != 0) {
        close(errors);
        return Error{ErrorCode::Internal, systemError("pipe")};
    }
    const pid_t pid = fork();
    if (pid == 0) becomeServer(wordPointers.data(), environmentPointers.data(), out[1], errors);
    close(out[1]);
    close(errors);
    if (pid < 0) {
        close(out[0]);
        return Error{ErrorCode::Internal, systemError("fork")};
    }
    return std::unique_ptr<ChildServer>(new ChildServer(pid, out[0], complaints));
}

ChildServer::ChildServer(pid_t pid, int out, std::filesystem::path complaints)
    : pid_(pid), out_(out), complaints_(std::move(complaints)) {
}

ChildServer::~ChildServer() {
    if (pid_ != 0) {
        ::kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    close(out_);
}

Status ChildServer::waitUntilListening(int64_t timeoutMs) {
    const int64_t deadline = net::monotonicMs() + timeoutMs;
    for (;;) {
        const int64_t left = deadline - net::monotonicMs();
        pollfd waiting{out_, POLLIN, 0};
        if (left <= 0)
            return Error{ErrorCode::Timeout, "the server did not report that it is listening"};
        if (poll(&waiting, 1, static_cast<int>(left)) <= 0) continue;
        const auto now = listening();
        if (!now) return now.error();
        if (*now) return Ok{};
    }
}

Result<bool> ChildServer::listening() {
    std::array<char, 256> bytes{};
    const ssize_t count = read(out_, bytes.data(), bytes.size());
    if (count == 0) {
        constexpr int64_t kEndMs = 2'000;
        const auto status = waitForExit(kEndMs);
        return Error{ErrorCode::Closing, "the server ended before it listened: " +
                                             (status ? endText(*status) : "it closed stdout")};
    }
    if (count > 0) line_.append(bytes.data(), static_cast<size_t>(count));
    if (line_.find('\n') == std::string::npos && line_.size() < kFirstLineBytesMax) return false;
    line_.resize(std::min(line_.find('\n'), line_.size()));
    if (!line_.starts_with(kFirstWords)) {
        return Error{ErrorCode::BadState,
                     "the server's first line is not \"netchat listening on "
                     "HOST:PORT\" but \"" +
                         forLog(line_) + '"'};
    }
    const auto address = net::parseHostPort(std::string_view(line_).substr(kFirstWords.size()));
    if (!address) return address.error();
    address_ = *address;
    return true;
}

std::string ChildServer::kill() {
    if (const auto early = waitForExit(0)) return "before it was killed, " + endText(*early);
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
    return {};
}

std::optional<int> ChildServer::waitForExit(int64_t timeoutMs) {
    int status = 0;
    const int handle = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
    if (handle >= 0) {
        pollfd waiting{handle, POLLIN, 0};
        poll(&waiting, 1, static_cast<int>(timeoutMs));
        close(handle);
    }
    if (waitpid(pid_, &status, WNOHANG) != pid_) return {};
    pid_ = 0;
    return status;
}

std::string ChildServer::stop(int64_t timeoutMs) {
    if (pid_ == 0) return "it does not run";
    if (const auto early = waitForExit(0)) return "before it was asked to, " + endText(*early);
    ::kill(pid_, SIGTERM);
    const auto status = waitForExit(timeoutMs);
    if (!status) return "it did not end within " + std::to_string(timeoutMs) + " ms of SIGTERM";
    return WIFEXITED(*status) && WEXITSTATUS(*status) == 0 ? std::string() : endText(*status);
}

std::string ChildServer::complaints() const {
    std::ifstream in(complaints_, std::ios::binary | std::ios::ate);
    const std::streamoff size = in ? static_cast<std::streamoff>(in.tellg()) : 0;
    if (size <= 0) return {};
    in.seekg(std::max<std::streamoff>(0, size - kComplaintBytesMax));
    std::ostringstream text;
    text << in.rdbuf();
    return "\n" + neutralised(text.str(), true);
}

}  // namespace netchat::harness
