#include "harness/run/worker.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include "harness/run/bot.h"
#include "harness/run/bot_memory.h"
#include "harness/run/bot_options.h"
#include "harness/run/ipc.h"
#include "harness/run/recorder.h"
#include "harness/run/run_folder.h"
#include "modes/net/clock.h"

namespace netchat::harness {

namespace {

constexpr int64_t kWorkerPumpMs = 1;
// The parent has them hold, which takes a moment: in it they must not run far ahead.
constexpr uint32_t kSaysPerTurn = 1;
constexpr size_t kBatchBytes = 32 * limits::kKiB;

class Worker final : private net::Watcher {
  public:
    Worker(const Workload& workload, const RunOptions& options)
        : workload_(workload), options_(options) {
        loop_.watch(kCommandsFd, EPOLLIN, *this);
        loop_.onTurnEnd([this] { tell(); });
    }
    ~Worker() { loop_.unwatch(kCommandsFd); }

    int run() {
        loop_.run();
        return trouble_ ? 1 : 0;
    }

  private:
    struct Told {
        BotHandle::State state = BotHandle::State::Idle;
        bool done = false, connected = false;
        bool operator==(const Told&) const = default;
    };

    // ---- commands

    void onReady(uint32_t) override {
        std::vector<char> packet(kPacketBytesMax);
        const ssize_t got = recv(kCommandsFd, packet.data(), packet.size(), MSG_DONTWAIT);
        if (got == 0) return loop_.stop();  // the parent is gone
        if (got < 0) return;
        const std::string_view text(packet.data(), static_cast<size_t>(got));
        const size_t lf = text.find('\n');
        command(std::string(text.substr(0, lf)), text.substr(std::min(lf, text.size() - 1) + 1));
    }

    void command(const std::string& line, std::string_view rest) {
        std::istringstream in(line);
        std::string verb;
        in >> verb;
        if (verb == "folder") return setUp(line.substr(verb.size() + 1), rest);
        if (verb == "bot") return addBot(in, rest);
        if (verb == "start") {
            for (auto& bot : bots_) bot->start();
        } else if (verb == "talk") {
            in >> startNs_;
            pump();
        } else if (verb == "hold" || verb == "go") {
            held_ = verb == "hold";
        } else if (verb == "finish") {
            for (auto& bot : bots_) bot->finish();
            finishing_ = true;
        }
    }

    void setUp(const std::string& path, std::string_view hashes) {
        std::istringstream in{std::string(hashes)};
        std::vector<std::string> sha256;
        for (std::string one; in >> one;) sha256.push_back(one);
        folder_.adopt(path, std::move(sha256));
        recorder_ = std::make_unique<Recorder>(journal_, workload_, folder_.sha256());
        recorder_->keepIds();
        context_ = std::make_unique<Bot::Context>(
            Bot::Context{loop_, *recorder_, workload_, [](BotHandle&) {}, [] {},
                         [this](uint32_t bot, const client::Resume& user) { tellUser(bot, user); },
                         [this](const std::filesystem::path& placed) { placed_.push_back(placed); },
                         kSaysPerTurn});
    }

    void addBot(std::istringstream& in, std::string_view memory) {
        uint32_t index = 0;
        net::HostPort where;
        in >> index >> where.host >> where.port;
        auto options = botOptions(workload_, options_, where, folder_.downloads(index), index);
        auto bot = std::make_unique<Bot>(index, std::move(options), *context_);
        auto known = BotMemory::read(memory);
        if (!known) return fail(known.error().text);
        for (uint32_t file = 0; file < workload_.files.size(); ++file) {
            const FilePlan& plan = workload_.files[file];
            if (plan.sender == index && !known->begun.contains(file)) {
                bot->addFile(file, folder_.file(plan));
            }
        }
        if (known->known()) {
            sweep(index, *known);
            bot->remember(*known,
                          [this](uint32_t file) { return folder_.file(workload_.files[file]); });
        }
        bots_.push_back(std::move(bot));
        told_.emplace_back();
    }

    void pump() {
        if (finishing_) return;
        if (!held_) {
            const int64_t nowNs = net::monotonicNs();
            for (auto& bot : bots_) bot->talk(startNs_, nowNs);
            // Before a byte of it leaves: that is the loop's next turn's.
            tell();
        }
        loop_.after(kWorkerPumpMs, [this] { pump(); });
    }

    // ---- news

    void tell() {
        std::string packet;
        const auto& records = journal_.records();
        for (; next_ < records.size(); ++next_) {
            append(packet, {.kind = News::Kind::Record, .record = records[next_]},
                   journal_.text(records[next_]));
            if (packet.size() > kBatchBytes) send(packet);
        }
        for (size_t i = 0; i < bots_.size(); ++i) {
            const Bot& bot = *bots_[i];
            const Told now{bot.state(), bot.done(), bot.connected()};
            if (now == told_[i]) continue;
            told_[i] = now;
            append(packet,
                   {.kind = News::Kind::Status,
                    .state = now.state,
                    .done = now.done,
                    .connected = now.connected,
                    .everConnected = bot.everConnected(),
                    .bot = bot.index()},
                   bot.reason());
        }
        send(packet);
        // What is told may go: nobody will ask for it again.
        for (const auto& path : std::exchange(placed_, {})) remove(path);
    }

    static void remove(const std::filesystem::path& path) {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
    }

    // What was told to be in its place and not removed any more, when the last process was killed.
    void sweep(uint32_t bot, const BotMemory& memory) {
        for (uint32_t file = 0; file < workload_.files.size(); ++file) {
            if (memory.wanted.contains(file)) continue;
            remove(folder_.downloads(bot) / workload_.files[file].name);
        }
    }

    void tellUser(uint32_t bot, const client::Resume& user) {
        std::string packet;
        append(packet, {.kind = News::Kind::User, .bot = bot, .user = user.user},
               user.secret + ' ' + user.nick);
        send(packet);
    }

    void fail(const std::string& why) {
        std::string packet;
        append(packet, {.kind = News::Kind::Trouble}, why);
        send(packet);
        trouble_ = true;
        loop_.stop();
    }

    // Waits while the parent has much to read.
    void send(std::string& packet) {
        if (packet.empty()) return;
        if (::send(kNewsFd, packet.data(), packet.size(), MSG_NOSIGNAL) < 0) loop_.stop();
        packet.clear();
    }

    const Workload& workload_;
    const RunOptions& options_;
    net::EventLoop loop_;
    Journal journal_;
    RunFolder folder_;
    std::unique_ptr<Recorder> recorder_;
    std::unique_ptr<Bot::Context> context_;
    std::vector<std::unique_ptr<Bot>> bots_;
    std::vector<Told> told_;  // of bots_
    std::vector<std::filesystem::path> placed_;
    size_t next_ = 0;  // of the journal's records
    int64_t startNs_ = 0;
    bool held_ = false;
    bool finishing_ = false;
    bool trouble_ = false;
};

}  // namespace

int runWorker(const Workload& workload, const RunOptions& options) {
    return Worker(workload, options).run();
}

}  // namespace netchat::harness
