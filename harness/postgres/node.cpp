#include "harness/postgres/node.h"

#include <signal.h>
#include <sys/shm.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "harness/postgres/query.h"
#include "modes/net/clock.h"

namespace netchat::harness {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kAnswerMs = 60'000;  // recovery after a kill can take a while on a busy machine
constexpr int64_t kStopMs = 30'000;
constexpr int64_t kKillMs = 10'000;
constexpr int64_t kStepMs = 10;  // between two looks
constexpr std::string_view kSetup =
    "CREATE ROLE netchat LOGIN;\n"
    "CREATE DATABASE netchat OWNER netchat;\n";

// The processes that a process has started and that still run.
std::vector<pid_t> childrenOf(pid_t parent) {
    std::vector<pid_t> children;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/proc", error)) {
        const std::string name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        std::ifstream in(entry.path() / "stat");
        std::string text;
        std::getline(in, text);
        // "12 (name) S 11": the name may have parentheses.
        std::istringstream after(text.substr(std::min(text.rfind(')') + 1, text.size())));
        std::string state;
        pid_t of = 0;
        if (after >> state >> of && of == parent && state != "Z") {
            children.push_back(static_cast<pid_t>(std::stol(name)));
        }
    }
    return children;
}

}  // namespace

PostgresNode::PostgresNode(const PostgresPrograms& programs, Settings settings)
    : programs_(programs), settings_(std::move(settings)) {
}

PostgresNode::~PostgresNode() {
    if (pid_ != 0) (void)waitForChild(pid_, kKillMs);
}

Error PostgresNode::failed(const std::string& what) const {
    return {ErrorCode::Internal, settings_.name + ": " + what + endOfFile(log())};
}

Status PostgresNode::run(std::vector<std::string> words, const fs::path& input) const {
    return programs_.run({.words = std::move(words), .log = log(), .input = input});
}

// ---- making

Status PostgresNode::makeFolders() {
    for (const fs::path& folder : {settings_.folder, disk()}) {
        if (auto status = programs_.makeFolder(folder); !status) return status;
    }
    if (settings_.diskBytes == 0) return Ok{};
    return programs_.mountSmallDisk(disk(), settings_.diskBytes);
}

Status PostgresNode::initialise() {
    if (auto status =
            run({"initdb", "-D", data().string(), "--waldir", wal().string(), "-A", "trust", "-U",
                 "postgres", "--no-sync", "--encoding", "UTF8", "--locale", "C.UTF-8"});
        !status) {
        return status;
    }
    // First: what the cluster was last run with is kept in it, and a standby may not have less.
    if (auto status = configure(false); !status) return status;
    const fs::path setup = settings_.folder / "setup.sql";
    std::ofstream(setup) << kSetup;
    // There is no standby yet that a commit could wait for.
    return run({"postgres", "--single", "-c", "synchronous_commit=local", "-D", data().string(),
                "postgres"},
               setup);
}

Status PostgresNode::copyFrom(const PostgresNode& other) {
    if (auto status = run({"/bin/cp", "-a", other.data().string(), data().string()}); !status)
        return status;
    if (auto status = run({"/bin/cp", "-a", other.wal().string(), wal().string()}); !status)
        return status;
    if (auto status = run({"/bin/ln", "-sfn", wal().string(), (data() / "pg_wal").string()});
        !status) {
        return status;
    }
    return configure(true);
}

Status PostgresNode::backUpOther() {
    if (auto status = clear(); !status) return status;
    if (auto status = run({"pg_basebackup", "-D", data().string(), "--waldir", wal().string(), "-h",
                           "127.0.0.1", "-p", std::to_string(settings_.otherPort), "-U", "postgres",
                           "--checkpoint", "fast", "--wal-method", "stream", "--no-sync"});
        !status) {
        return status;
    }
    return configure(true);
}

Status PostgresNode::clear() {
    forgetSharedMemory();
    std::error_code error;
    for (const fs::path& folder : {data(), wal()}) {
        fs::remove_all(folder, error);
        if (error) return Error{ErrorCode::Internal, folder.string() + ": " + error.message()};
    }
    return Ok{};
}

// Who was killed leaves a segment behind, which the next process with the same data would remove.
void PostgresNode::forgetSharedMemory() const {
    std::ifstream in(data() / "postmaster.pid");
    std::string line;
    for (int number = 1; number <= 7; ++number) std::getline(in, line);
    std::istringstream words(line);
    int64_t key = 0;
    int segment = 0;
    if (in && words >> key >> segment) ::shmctl(segment, IPC_RMID, nullptr);
}

// The whole configuration. A standby is who has the file standby.signal; each could be one.
Status PostgresNode::configure(bool standby) const {
    std::ofstream out(data() / "postgresql.conf", std::ios::trunc);
    out << "listen_addresses = '127.0.0.1'\n"
        << "port = " << settings_.port
        << "\n"
        // The folder's name may be too long for a socket.
        << "unix_socket_directories = ''\n"
        << "max_connections = 40\n"
        << "shared_buffers = 32MB\n"
        << "fsync = " << (settings_.fsync ? "on" : "off") << "\n"
        << "wal_level = replica\n"
        << "wal_keep_size = 256MB\n"
        << "min_wal_size = 48MB\n"
        << "max_wal_senders = 5\n"
        << "hot_standby = on\n"
        << "synchronous_commit = on\n"
        << "synchronous_standby_names = '" << settings_.synchronous << "'\n"
        << "primary_conninfo = 'host=127.0.0.1 port=" << settings_.otherPort
        << " user=postgres sslmode=disable application_name=" << settings_.name << "'\n"
        << "recovery_target_timeline = latest\n"
        << "wal_retrieve_retry_interval = 100ms\n"
        // Kept in the folder, so that who is killed leaves nothing elsewhere.
        << "dynamic_shared_memory_type = mmap\n"
        << "log_timezone = UTC\n"
        << "log_line_prefix = '%m [%p] '\n";
    out.close();
    if (!out) return Error{ErrorCode::NoRoom, data().string() + " cannot be written"};
    if (!standby) return Ok{};
    return run({"/usr/bin/touch", (data() / "standby.signal").string()});
}

// ---- running

Status PostgresNode::launch() {
    const auto pid = programs_.spawn({.words = {"postgres", "-D", data().string()}, .log = log()});
    if (!pid) return pid.error();
    pid_ = *pid;
    return Ok{};
}

Status PostgresNode::waitUntilAnswering() {
    const int64_t deadline = net::monotonicMs() + kAnswerMs;
    while (net::monotonicMs() < deadline) {
        if (AdminConnection::open(settings_.port)) return Ok{};
        if (waitForChild(pid_, kStepMs)) {
            pid_ = 0;
            return failed("it ended");
        }
    }
    return failed("it did not answer");
}

Status PostgresNode::start() {
    if (auto status = launch(); !status) return status;
    return waitUntilAnswering();
}

Status PostgresNode::stop() {
    if (pid_ == 0) return Ok{};
    ::kill(pid_, SIGINT);
    if (waitForChild(pid_, kStopMs)) {
        pid_ = 0;
        return Ok{};
    }
    kill();
    return failed("it did not stop");
}

void PostgresNode::kill() {
    if (pid_ == 0) return;
    // Stopped first: it starts no more of them.
    ::kill(pid_, SIGSTOP);
    std::vector<int> handles;
    for (const pid_t child : childrenOf(pid_)) {
        handles.push_back(handleOf(child));
        ::kill(child, SIGKILL);
    }
    ::kill(pid_, SIGKILL);
    (void)waitForChild(std::exchange(pid_, 0), kKillMs);
    for (const int handle : handles) waitForProcess(handle, kKillMs);
}

// ---- asking

Result<std::string> PostgresNode::ask(const std::string& sql) const {
    auto connection = AdminConnection::open(settings_.port);
    if (!connection) return connection.error();
    return connection->ask(sql);
}

Status PostgresNode::waitFor(const std::string& sql, const std::string& answer) const {
    const int64_t deadline = net::monotonicMs() + kAnswerMs;
    std::string last;
    while (net::monotonicMs() < deadline) {
        const auto now = ask(sql);
        if (now && *now == answer) return Ok{};
        last = now ? *now : now.error().text;
        std::this_thread::sleep_for(std::chrono::milliseconds(kStepMs));
    }
    return failed("\"" + sql + "\" is still: " + last);
}

}  // namespace netchat::harness
