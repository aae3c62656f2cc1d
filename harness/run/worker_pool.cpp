#include "harness/run/worker_pool.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace netchat::harness {

namespace {

constexpr uint32_t kBotsPerProcess = 10;
constexpr int kPacketsPerTurn = 64;  // before others have their turn
constexpr int kNewsBufferBytes = 4 << 20;

// In the child, between fork and exec: only what is safe there.
[[noreturn]] void becomeWorker(char* const* words, int commands, int news, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    // Away from the numbers that they are to have.
    const int high = fcntl(commands, F_DUPFD, 10), higher = fcntl(news, F_DUPFD, 10);
    dup2(high, kCommandsFd);
    dup2(higher, kNewsFd);
    close(high);
    close(higher);
    execve("/proc/self/exe", words, environ);
    _exit(127);
}

}  // namespace

// What the runner sees of one of them.
class WorkerPool::Remote final : public BotHandle {
  public:
    Remote(uint32_t index, const Known& known) : index_(index), known_(known) {}
    // The processes are told together.
    void start() override {}
    void talk(int64_t, int64_t) override {}
    void probe() override {}
    void finish() override {}

    uint32_t index() const override { return index_; }
    State state() const override { return known_.state; }
    bool done() const override {
        return known_.done || state() == State::Broken || state() == State::Finished;
    }
    bool waitsForAProbe() const override { return false; }
    bool connected() const override { return known_.connected; }
    bool everConnected() const override { return known_.everConnected; }
    const std::string& reason() const override { return known_.reason; }

  private:
    const uint32_t index_;
    const Known& known_;
};

WorkerPool::WorkerPool(Parts parts)
    : parts_(std::move(parts)), known_(parts_.workload.bots.size()) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return;
    news_ = ends[0];
    newsOfWorkers_ = ends[1];
    setsockopt(newsOfWorkers_, SOL_SOCKET, SO_SNDBUF, &kNewsBufferBytes, sizeof kNewsBufferBytes);
    parts_.loop.watch(news_, EPOLLIN, *this);
    const auto bots = static_cast<uint32_t>(known_.size());
    for (uint32_t first = 0; first < bots; first += kBotsPerProcess) {
        processes_.push_back({.first = first, .end = std::min(bots, first + kBotsPerProcess)});
    }
}

WorkerPool::~WorkerPool() {
    for (Process& process : processes_) end(process);
    if (news_ < 0) return;
    parts_.loop.unwatch(news_);
    close(news_);
    close(newsOfWorkers_);
}

std::vector<std::unique_ptr<BotHandle>> WorkerPool::bots() {
    std::vector<std::unique_ptr<BotHandle>> out;
    for (uint32_t bot = 0; bot < known_.size(); ++bot) {
        out.push_back(std::make_unique<Remote>(bot, known_[bot]));
        known_[bot].bot = out.back().get();
    }
    return out;
}

// ---- processes

void WorkerPool::launch(Process& process) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return parts_.onTrouble("cannot create a socket for a process of bots");
    }
    std::vector<std::string> words = parts_.arguments;
    words.insert(words.begin(), "netchat");
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0) becomeWorker(pointers.data(), ends[1], newsOfWorkers_, parent);
    close(ends[1]);
    if (pid < 0) return parts_.onTrouble("cannot start a process of bots");
    process.pid = pid;
    process.commands = ends[0];
    std::string folder = "folder " + parts_.folder.path().string() + '\n';
    for (const std::string& hash : parts_.folder.sha256()) folder += hash + '\n';
    command(process, folder);
    for (uint32_t bot = process.first; bot < process.end; ++bot) introduce(process, bot);
    command(process, "start\n");
    command(process, held_ ? "hold\n" : "go\n");
    if (talkStartNs_ != 0) command(process, "talk " + std::to_string(talkStartNs_) + '\n');
}

void WorkerPool::introduce(const Process& process, uint32_t bot) {
    const net::HostPort server = parts_.server(bot);
    const BotMemory& memory = known_[bot].memory;
    command(process, "bot " + std::to_string(bot) + ' ' + server.host + ' ' +
                         std::to_string(server.port) + '\n' +
                         (memory.known() ? memory.write() : std::string()));
}

void WorkerPool::command(const Process& process, const std::string& packet) {
    if (process.commands >= 0) {
        send(process.commands, packet.data(), packet.size(), MSG_NOSIGNAL);
    }
}

void WorkerPool::commandAll(const std::string& packet) {
    for (const Process& process : processes_) command(process, packet);
}

void WorkerPool::end(Process& process) {
    if (process.pid == 0) return;
    ::kill(process.pid, SIGKILL);
    waitpid(process.pid, nullptr, 0);
    process.pid = 0;
    close(std::exchange(process.commands, -1));
}

void WorkerPool::start() {
    for (Process& process : processes_) launch(process);
}

void WorkerPool::talk(int64_t startNs) {
    talkStartNs_ = startNs;
    commandAll("talk " + std::to_string(startNs) + '\n');
}

void WorkerPool::hold(bool held) {
    if (std::exchange(held_, held) != held) commandAll(held ? "hold\n" : "go\n");
}

void WorkerPool::finish() {
    commandAll("finish\n");
}

void WorkerPool::strike(const FaultStep& step) {
    Process& process = processes_[step.bot / kBotsPerProcess];
    end(process);
    // What it said before it died is what its bots go on with.
    while (readOne()) {
    }
    for (uint32_t i = process.first; i < process.end; ++i) {
        Known& known = known_[i];
        known.connected = false;
        known.done = false;
        known.killed = true;
        parts_.recorder.add({.seq = known.acknowledged, .bot = i, .kind = Kind::BotKilled});
    }
    launch(process);
}

bool WorkerPool::isWhole() const {
    return std::none_of(known_.begin(), known_.end(),
                        [](const Known& known) { return known.killed; });
}

// ---- news

void WorkerPool::onReady(uint32_t) {
    for (int i = 0; i < kPacketsPerTurn && readOne(); ++i) {
    }
}

bool WorkerPool::readOne() {
    std::vector<char>& buffer = parts_.loop.readBuffer();
    if (buffer.size() < kPacketBytesMax) buffer.resize(kPacketBytesMax);
    const ssize_t got = recv(news_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got <= 0) return false;
    // What is told may make the loop read into its buffer again.
    const std::string packet(buffer.data(), static_cast<size_t>(got));
    forEach(packet, [this](const News& news, std::string_view text) { take(news, text); });
    return true;
}

void WorkerPool::take(const News& news, std::string_view text) {
    parts_.onActivity();
    if (news.kind == News::Kind::Trouble) return parts_.onTrouble(std::string(text));
    if (news.kind == News::Kind::Status) return takeStatus(news, text);
    if (news.kind == News::Kind::User) {
        BotMemory& memory = known_[news.bot].memory;
        memory.secret = text.substr(0, text.find(' '));
        memory.nick = text.substr(text.find(' ') + 1);
        memory.user = news.user;
        return;
    }
    const Record& record = news.record;
    Known& known = known_[record.bot];
    known.memory.take(record, text);
    known.killed = known.killed && record.kind != Kind::BotBack;
    known.acknowledged += record.kind == Kind::Received && record.sender == record.bot;
    const bool id = record.kind == Kind::Sent || record.kind == Kind::Upload;
    parts_.recorder.take(record, id ? std::string_view() : text);
    // What has come may be the last thing that was waited for.
    if (known.bot != nullptr) parts_.onProgress(*known.bot);
}

void WorkerPool::takeStatus(const News& news, std::string_view text) {
    Known& known = known_[news.bot];
    known.state = news.state;
    known.done = news.done;
    known.connected = news.connected;
    known.everConnected = known.everConnected || news.everConnected;
    known.reason = text;
    if (known.bot != nullptr) parts_.onProgress(*known.bot);
}

}  // namespace netchat::harness
