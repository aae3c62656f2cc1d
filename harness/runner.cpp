#include "harness/runner.h"

#include <algorithm>
#include <memory>

#include "harness/bot.h"
#include "harness/checker.h"
#include "harness/child_server.h"
#include "harness/progress.h"
#include "harness/recorder.h"
#include "harness/run_folder.h"
#include "harness/signal_watch.h"
#include "modes/net/clock.h"

namespace netchat::harness {

namespace {

constexpr int64_t kWatchMs = 50;    // between two looks at the clock, and between two probes
constexpr int64_t kPumpMs = 1;      // between two looks at what is due to be said
constexpr int64_t kQuietMs = 200;   // of silence before the journal is asked what is missing
constexpr int64_t kLingerMs = 100;  // for what should not come any more, and might
constexpr int64_t kLeavingMs = 8'000;
constexpr int64_t kServerStopMs = 20'000;

client::Options clientOptions(const Workload& workload, const RunOptions& options,
                              const net::HostPort& server, const RunFolder& folder, size_t bot) {
    client::Options out;
    out.server = server;
    out.nick = workload.bots[bot].nick;
    out.classic = workload.bots[bot].classic;
    out.headerWidth = options.headerWidth;
    out.encoding = options.encoding;
    out.downloads = folder.downloads(bot);
    out.autoDownloadBytes = out.fileBytesMax;
    out.discardDownloads = true;
    out.everyEntry = true;
    out.connectTimeoutMs = options.timeoutMs;
    return out;
}

// About as many records as the run will have.
uint64_t planned(const Workload& workload) {
    std::vector<uint64_t> membersOf(workload.rooms.size());
    for (const BotPlan& bot : workload.bots) {
        for (const uint16_t room : bot.rooms) ++membersOf[room];
    }
    uint64_t records = 1000 + workload.bots.size() * 100;
    for (const BotPlan& bot : workload.bots) {
        for (const Utterance& say : bot.says) records += 1 + membersOf[say.room];
    }
    return records;
}

class Runner {
  public:
    Runner(const Workload& workload, const RunOptions& options, const net::HostPort& server,
           const RunFolder& folder, RunResult& result)
        : workload_(workload),
          options_(options),
          folder_(folder),
          result_(result),
          recorder_(result.journal, workload, folder.sha256()),
          context_{loop_, recorder_, workload, [this](Bot& bot) { onProgress(bot); },
                   [this] { lastNewsMs_ = loop_.nowMs(); }},
          signals_(loop_, [this](int signal) { onSignal(signal); }) {
        constexpr uint64_t kReservedMax = 20'000'000;
        result.journal.reserve(std::min(kReservedMax, planned(workload)));
        for (uint32_t i = 0; i < workload.bots.size(); ++i) {
            bots_.push_back(std::make_unique<Bot>(
                i, clientOptions(workload, options, server, folder, i), context_));
        }
        for (uint32_t i = 0; i < workload.files.size(); ++i) {
            const FilePlan& file = workload.files[i];
            bots_[file.sender]->addFile(i, folder.file(file));
        }
    }

    void run() {
        startMs_ = lastNewsMs_ = net::monotonicMs();
        loop_.post([this] {
            progress_.say("connecting " + std::to_string(bots_.size()) + " bots");
            for (auto& bot : bots_) bot->start();
            watch();
        });
        loop_.run();
        if (result_.trouble == RunResult::Trouble::None) recordLeftovers();
    }

  private:
    enum class Phase {
        Gathering,  // connecting, joining, and hearing each other
        Talking,
        Settling,
        Leaving,
    };

    void onProgress(Bot& bot) {
        if (bot.state() == Bot::State::Broken && !bot.everConnected()) {
            return fail("bot " + std::to_string(bot.index()) + " was not let in: " + bot.reason());
        }
        if (phase_ == Phase::Talking) ready_.push_back(&bot);
        if (std::exchange(stepPosted_, true)) return;
        loop_.post([this] {
            stepPosted_ = false;
            step();
        });
    }

    void onSignal(int signal) {
        result_.signal = signal;
        if (phase_ == Phase::Leaving) return loop_.stop();
        leave("interrupted");
    }

    void fail(std::string text) {
        result_.trouble = RunResult::Trouble::NoServer;
        result_.text = std::move(text);
        loop_.stop();
    }

    void step() {
        switch (phase_) {
            case Phase::Gathering:
                if (gathered()) startTalking();
                return;
            case Phase::Talking:
                for (Bot* bot : std::exchange(ready_, {})) {
                    bot->talk(talkStartNs_, net::monotonicNs());
                }
                return;
            case Phase::Settling:
                if (arrivedByCount()) trySettle();
                return;
            case Phase::Leaving:
                if (allAre(Bot::State::Finished)) loop_.stop();
                return;
        }
    }

    bool allAre(Bot::State state) const {
        return std::all_of(bots_.begin(), bots_.end(), [&](const auto& bot) {
            return bot->state() == state || bot->state() == Bot::State::Broken;
        });
    }

    bool gathered() const { return allAre(Bot::State::There); }

    void startTalking() {
        phase_ = Phase::Talking;
        progress_.say("all are there after " + sinceStart() + "; talking");
        talkStartNs_ = net::monotonicNs();
        pump();
    }

    void pump() {
        if (phase_ != Phase::Talking) return;
        const int64_t nowNs = net::monotonicNs();
        for (auto& bot : bots_) bot->talk(talkStartNs_, nowNs);
        if (std::all_of(bots_.begin(), bots_.end(), [](const auto& bot) { return bot->done(); })) {
            return startSettling();
        }
        loop_.after(kPumpMs, [this] { pump(); });
    }

    void startSettling() {
        phase_ = Phase::Settling;
        progress_.say("all is said after " + sinceStart() + "; settling");
        countExpected();
        if (arrivedByCount()) trySettle();
    }

    // What will arrive if all goes well and nobody comes or goes.
    void countExpected() {
        std::vector<uint64_t> membersOf(workload_.rooms.size());
        for (const BotPlan& bot : workload_.bots) {
            for (const uint16_t room : bot.rooms) ++membersOf[room];
        }
        for (const Record& record : result_.journal.records()) {
            if (record.kind != Kind::Sent) continue;
            expected_ += membersOf[record.room] - (workload_.bots[record.bot].classic ? 1 : 0);
        }
        for (const FilePlan& file : workload_.files) expectedFiles_ += membersOf[file.room] - 1;
    }

    bool arrivedByCount() const {
        return recorder_.deliveries() >= expected_ && recorder_.filesReceived() >= expectedFiles_;
    }

    void trySettle() {
        if (std::exchange(lingering_, true)) return;
        if (!allArrived(result_.journal)) {
            // Asked again when there is news, and it is quiet.
            lingering_ = false;
            askedAtNews_ = lastNewsMs_;
            expected_ = UINT64_MAX;
            return;
        }
        loop_.after(kLingerMs, [this] { leave("settled"); });
    }

    void leave(std::string_view why) {
        if (phase_ == Phase::Leaving) return;
        phase_ = Phase::Leaving;
        recorder_.end(why);
        progress_.say(std::string(why) + " after " + sinceStart() + "; leaving");
        for (auto& bot : bots_) bot->finish();
        loop_.after(kLeavingMs, [this] { loop_.stop(); });
        loop_.post([this] { step(); });
    }

    // The clock's part: probes, stalls, time-outs, and what a person sees.
    void watch() {
        if (phase_ == Phase::Leaving) return;
        const int64_t nowMs = loop_.nowMs();
        if (isLoneClassic()) return leave("nobody can hear a classic bot that is alone");
        probe();
        progress_.show(stateText(), nowMs);
        if (phase_ == Phase::Settling && nowMs - lastNewsMs_ > kQuietMs &&
            askedAtNews_ != lastNewsMs_) {
            trySettle();
        }
        if (phase_ != Phase::Gathering && allAre(Bot::State::Broken))
            return leave("lost the server");
        if (nowMs - lastNewsMs_ > options_.stallMs) return leave("stalled");
        if (nowMs - startMs_ > options_.timeoutMs) return timeOut();
        loop_.after(kWatchMs, [this] { watch(); });
    }

    void timeOut() {
        const bool nobody = std::none_of(bots_.begin(), bots_.end(),
                                         [](const auto& bot) { return bot->everConnected(); });
        if (nobody) return fail("nobody was let in within the time allowed");
        leave("timeout");
    }

    // Nobody hears it, and it hears nobody.
    bool isLoneClassic() const { return bots_.size() == 1 && bots_[0]->waitsForAProbe(); }

    void probe() {
        const bool wanted = std::any_of(bots_.begin(), bots_.end(),
                                        [](const auto& bot) { return bot->waitsForAProbe(); });
        if (!wanted) return;
        for (const uint32_t prober : workload_.probers) bots_[prober]->probe();
    }

    std::string stateText() const {
        const auto there = std::count_if(bots_.begin(), bots_.end(), [](const auto& bot) {
            return bot->state() == Bot::State::There;
        });
        if (phase_ == Phase::Gathering) {
            return std::to_string(there) + " of " + std::to_string(bots_.size()) + " are there";
        }
        std::string text = std::string(phase_ == Phase::Talking ? "talking: " : "settling: ") +
                           std::to_string(recorder_.deliveries()) + " messages seen";
        if (workload_.files.empty()) return text;
        return text + ", " + std::to_string(recorder_.filesReceived()) + " files received";
    }

    std::string sinceStart() const {
        const int64_t ms = net::monotonicMs() - startMs_;
        return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s";
    }

    void recordLeftovers() {
        for (uint32_t bot = 0; bot < bots_.size(); ++bot) {
            for (const std::string& name : folder_.leftIn(bot)) {
                recorder_.record(bot, Kind::Temporary, kNoRoom, name);
            }
        }
    }

    const Workload& workload_;
    const RunOptions& options_;
    const RunFolder& folder_;
    RunResult& result_;
    net::EventLoop loop_;
    Recorder recorder_;
    Bot::Context context_;
    SignalWatch signals_;
    std::vector<std::unique_ptr<Bot>> bots_;
    Progress progress_;
    Phase phase_ = Phase::Gathering;
    std::vector<Bot*> ready_;  // that may have something to say, now
    bool stepPosted_ = false;
    bool lingering_ = false;
    int64_t startMs_ = 0;
    int64_t lastNewsMs_ = 0;
    int64_t askedAtNews_ = 0;
    int64_t talkStartNs_ = 0;
    uint64_t expected_ = 0, expectedFiles_ = 0;
};

RunResult troubled(RunResult::Trouble trouble, std::string text) {
    RunResult result;
    result.trouble = trouble;
    result.text = std::move(text);
    return result;
}

Result<std::unique_ptr<ChildServer>> startServer(const RunOptions& options,
                                                 const RunFolder& folder) {
    ChildServer::Options server;
    server.arguments = {
        "serve",      "--port",        "0", "--header", std::to_string(options.headerWidth),
        "--encoding", options.encoding};
    server.arguments.insert(server.arguments.end(), options.serverArguments.begin(),
                            options.serverArguments.end());
    server.folder = folder.path();
    return ChildServer::start(server);
}

}  // namespace

RunResult runWorkload(const Workload& workload, const RunOptions& options) {
    RunFolder folder;
    if (auto status = folder.create(workload); !status) {
        return troubled(RunResult::Trouble::OurFault, status.error().text);
    }
    if (options.keepFolder) folder.keep();
    std::unique_ptr<ChildServer> own;
    if (!options.server) {
        auto started = startServer(options, folder);
        if (!started) return troubled(RunResult::Trouble::NoServer, started.error().text);
        own = std::move(*started);
    }
    const net::HostPort server = own ? own->address() : *options.server;
    RunResult result;
    result.journal.info.server = server.host + ":" + std::to_string(server.port);
    result.journal.info.command = options.command;
    result.journal.info.allowStrangers = options.allowStrangers;
    Runner(workload, options, server, folder, result).run();
    if (options.keepFolder) result.folder = folder.path();
    if (!own) return result;
    if (const std::string fault = own->stop(kServerStopMs); !fault.empty()) {
        result.journal.add({.ns = net::monotonicNs(), .kind = Kind::ServerFailed}, fault);
    }
    result.serverComplaints = own->complaints();
    return result;
}

}  // namespace netchat::harness
