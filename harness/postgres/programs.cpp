#include "harness/postgres/programs.h"

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <system_error>
#include <utility>

#include "modes/net/clock.h"
#include "protocol/text_safety.h"

namespace netchat::harness {

namespace fs = std::filesystem;

namespace {

constexpr std::streamoff kLogBytesMax = 2'000;
constexpr int64_t kKilledMs = 5'000;
constexpr int kFirstOtherDescriptor = 3;

std::string systemText(int error) {
    return std::generic_category().message(error);
}

bool hasPrograms(const fs::path& folder) {
    return ::access((folder / "initdb").c_str(), X_OK) == 0 &&
           ::access((folder / "postgres").c_str(), X_OK) == 0 &&
           ::access((folder / "pg_basebackup").c_str(), X_OK) == 0;
}

// What pg_config prints; empty if there is none.
std::string saidByPgConfig() {
    const auto closePipe = [](FILE* pipe) { ::pclose(pipe); };
    const std::unique_ptr<FILE, decltype(closePipe)> pipe(
        ::popen("pg_config --bindir 2>/dev/null", "re"), closePipe);
    std::array<char, 4096> line{};
    if (!pipe || std::fgets(line.data(), line.size(), pipe.get()) == nullptr) return {};
    std::string text = line.data();
    return text.substr(0, text.find('\n'));
}

std::optional<fs::path> inSearchPath() {
    const char* const path = std::getenv("PATH");
    std::istringstream folders(path != nullptr ? path : "");
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (!folder.empty() && hasPrograms(folder)) return folder;
    }
    return {};
}

std::vector<char*> pointersInto(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return pointers;
}

// What a child begins with: its three descriptors and nothing else of ours.
class Beginning {
  public:
    Beginning(const fs::path& input, const fs::path& log) {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, input.c_str(), O_RDONLY, 0);
        ::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, log.c_str(),
                                           O_WRONLY | O_CREAT | O_APPEND, 0644);
        ::posix_spawn_file_actions_adddup2(&actions_, STDOUT_FILENO, STDERR_FILENO);
        ::posix_spawn_file_actions_addclosefrom_np(&actions_, kFirstOtherDescriptor);
        ::posix_spawn_file_actions_addchdir_np(&actions_, "/");
        ::posix_spawnattr_init(&attributes_);
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
        ::posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    }
    ~Beginning() {
        ::posix_spawnattr_destroy(&attributes_);
        ::posix_spawn_file_actions_destroy(&actions_);
    }
    Beginning(const Beginning&) = delete;
    Beginning& operator=(const Beginning&) = delete;

    const posix_spawn_file_actions_t* actions() const { return &actions_; }
    const posix_spawnattr_t* attributes() const { return &attributes_; }

  private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

}  // namespace

int handleOf(pid_t pid) {
    return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

void waitForProcess(int handle, int64_t timeoutMs) {
    if (handle < 0) return;
    const int64_t deadline = net::monotonicMs() + timeoutMs;
    for (int64_t left = timeoutMs; left >= 0; left = deadline - net::monotonicMs()) {
        pollfd waiting{handle, POLLIN, 0};
        if (::poll(&waiting, 1, static_cast<int>(left)) >= 0) break;  // or a signal came between
    }
    ::close(handle);
}

std::optional<int> waitForChild(pid_t pid, int64_t timeoutMs) {
    waitForProcess(handleOf(pid), timeoutMs);
    int status = 0;
    if (::waitpid(pid, &status, WNOHANG) != pid) return {};
    return status;
}

std::string endOfFile(const fs::path& path) {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    const std::streamoff size = in ? static_cast<std::streamoff>(in.tellg()) : 0;
    if (size <= 0) return {};
    in.seekg(std::max<std::streamoff>(0, size - kLogBytesMax));
    const std::string text(std::istreambuf_iterator<char>(in), {});
    return "\n" + neutralised(text, true);
}

Result<PostgresPrograms> PostgresPrograms::find() {
    const fs::path debians = "/usr/lib/postgresql/15/bin";
    if (hasPrograms(debians)) return PostgresPrograms(debians);
    if (const fs::path said = saidByPgConfig(); hasPrograms(said)) return PostgresPrograms(said);
    if (const auto found = inSearchPath()) return PostgresPrograms(*found);
    return Error{
        ErrorCode::BadValue,
        "PostgreSQL's initdb and postgres are not here; install the package postgresql-15"};
}

PostgresPrograms::PostgresPrograms(fs::path binaries) : binaries_(std::move(binaries)) {
    if (::geteuid() != 0) return;
    std::vector<char> room(1 << 14);
    passwd entry{};
    for (const char* const name : {"postgres", "nobody"}) {
        passwd* found = nullptr;
        ::getpwnam_r(name, &entry, room.data(), room.size(), &found);
        if (found == nullptr) continue;
        uid_ = entry.pw_uid;
        gid_ = entry.pw_gid;
        return;
    }
}

std::vector<std::string> PostgresPrograms::withRights(const std::vector<std::string>& words) const {
    std::vector<std::string> all;
    if (uid_) {
        all = {
            "/usr/bin/setpriv", "--reuid", std::to_string(*uid_), "--regid", std::to_string(gid_),
            "--clear-groups",   "--"};
    }
    all.insert(all.end(), words.begin(), words.end());
    std::string& program = all[all.size() - words.size()];
    if (!program.starts_with('/')) program = (binaries_ / program).string();
    return all;
}

Result<pid_t> PostgresPrograms::spawn(const Run& run) const {
    std::vector<std::string> words = withRights(run.words);
    // No setting of this process's environment reaches them.
    std::vector<std::string> environment = {"PATH=" + binaries_.string() + ":/usr/bin:/bin",
                                            "LC_ALL=C.UTF-8", "TZ=UTC", "HOME=/"};
    const auto wordPointers = pointersInto(words), settings = pointersInto(environment);
    const Beginning beginning(run.input, run.log);
    pid_t pid = 0;
    const int error = ::posix_spawn(&pid, words[0].c_str(), beginning.actions(),
                                    beginning.attributes(), wordPointers.data(), settings.data());
    if (error != 0)
        return Error{ErrorCode::Internal, words[0] + " cannot be run: " + systemText(error)};
    return pid;
}

Status PostgresPrograms::run(const Run& run) const {
    const auto pid = spawn(run);
    if (!pid) return pid.error();
    const auto status = waitForChild(*pid, run.timeoutMs);
    if (status && WIFEXITED(*status) && WEXITSTATUS(*status) == 0) return Ok{};
    if (status) return Error{ErrorCode::Internal, run.words[0] + " failed" + endOfFile(run.log)};
    ::kill(*pid, SIGKILL);
    (void)waitForChild(*pid, kKilledMs);
    return Error{ErrorCode::Timeout, run.words[0] + " did not end within " +
                                         std::to_string(run.timeoutMs) + " ms" +
                                         endOfFile(run.log)};
}

Status PostgresPrograms::makeFolder(const fs::path& folder) const {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return Error{ErrorCode::NoRoom, folder.string() + ": " + error.message()};
    if (uid_ && ::chown(folder.c_str(), *uid_, gid_) != 0) {
        return Error{ErrorCode::Internal, folder.string() + ": " + systemText(errno)};
    }
    return Ok{};
}

Status PostgresPrograms::mountSmallDisk(const fs::path& folder, uint64_t bytes) const {
    const std::string how = "mode=0700,size=" + std::to_string(bytes) +
                            ",uid=" + std::to_string(uid_.value_or(::geteuid())) +
                            ",gid=" + std::to_string(uid_ ? gid_ : ::getegid());
    if (::mount("netchat-harness", folder.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, how.c_str()) == 0)
        return Ok{};
    return Error{ErrorCode::BadState,
                 "a small disk of its own cannot be mounted for the database: " +
                     systemText(errno) + "; only root can"};
}

}  // namespace netchat::harness
