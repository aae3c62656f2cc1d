#include "harness/run/runner.h"

#include <algorithm>
#include <memory>

#include "harness/faults/proxy.h"
#include "harness/faults/schedule.h"
#include "harness/judge/checker.h"
#include "harness/run/auditor.h"
#include "harness/run/bot.h"
#include "harness/run/bot_options.h"
#include "harness/run/injector.h"
#include "harness/run/progress.h"
#include "harness/run/recorder.h"
#include "harness/run/run_folder.h"
#include "harness/run/run_servers.h"
#include "harness/run/signal_watch.h"
#include "harness/run/worker_pool.h"
#include "modes/net/clock.h"

namespace netchat::harness {

namespace {

constexpr int64_t kWatchMs = 50;    // between two looks at the clock, and between two probes
constexpr int64_t kPumpMs = 1;      // between two looks at what is due to be said
constexpr int64_t kQuietMs = 200;   // of silence before the journal is asked what is missing
constexpr int64_t kLingerMs = 100;  // for what should not come any more, and might
constexpr int64_t kLeavingMs = 8'000;
constexpr int64_t kAuditMs = 10'000;  // to read the rooms' logs
constexpr int64_t kServerStopMs = 20'000;

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
    // What a run with faults has besides.
    struct Breakage {
        Proxy* proxy = nullptr;
        RunServers* servers = nullptr;
    };

    Runner(net::EventLoop& loop, const Workload& workload, const RunOptions& options,
           const net::HostPort& server, const RunFolder& folder, const Breakage& breakage,
           RunResult& result)
        : workload_(workload),
          options_(options),
          folder_(folder),
          result_(result),
          loop_(loop),
          server_(server),
          proxy_(breakage.proxy),
          recorder_(result.journal, workload, folder.sha256()),
          context_{loop_, recorder_, workload, [this](BotHandle& bot) { onProgress(bot); },
                   [this] { lastNewsMs_ = loop_.nowMs(); }},
          signals_(loop_, [this](int signal) { onSignal(signal); }) {
        constexpr uint64_t kReservedMax = 20'000'000;
        result.journal.reserve(std::min(kReservedMax, planned(workload)));
        makeBots();
        if (proxy_ != nullptr) makeBreakage(breakage.servers);
    }

    void run() {
        startMs_ = lastNewsMs_ = net::monotonicMs();
        loop_.post([this] {
            progress_.say("connecting " + std::to_string(bots_.size()) + " bots");
            for (auto& bot : bots_) bot->start();
            if (workerPool_) workerPool_->start();
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
        Auditing,  // with faults: the logs themselves are read
        Leaving,
    };

    // With faults each has an address of its own.
    net::HostPort serverOf(uint32_t bot) const {
        return proxy_ != nullptr ? proxy_->address(bot) : server_;
    }

    void makeBots() {
        if (faultOn(FaultTarget::Bots, options_.faults) != nullptr) return makeWorkerPool();
        for (uint32_t i = 0; i < workload_.bots.size(); ++i) {
            auto options = botOptions(workload_, options_, serverOf(i), folder_.downloads(i), i);
            auto bot = std::make_unique<Bot>(i, std::move(options), context_);
            for (uint32_t file = 0; file < workload_.files.size(); ++file) {
                const FilePlan& plan = workload_.files[file];
                if (plan.sender == i) bot->addFile(file, folder_.file(plan));
            }
            bots_.push_back(std::move(bot));
        }
    }

    // Who is to be killed has a process.
    void makeWorkerPool() {
        workerPool_ = std::make_unique<WorkerPool>(
            WorkerPool::Parts{.loop = loop_,
                              .recorder = recorder_,
                              .workload = workload_,
                              .folder = folder_,
                              .arguments = options_.workerArguments,
                              .server = [this](uint32_t bot) { return serverOf(bot); },
                              .onProgress = context_.onProgress,
                              .onActivity = context_.onActivity,
                              .onTrouble = [this](const std::string& why) { fail(why); }});
        bots_ = workerPool_->bots();
    }

    void makeBreakage(RunServers* servers) {
        Injector::Parts parts{.recorder = recorder_, .proxy = *proxy_, .verbose = options_.verbose};
        if (servers != nullptr) {
            parts.breakables =
                servers->arm(recorder_, [this](const std::string& why) { leave(why); });
        }
        if (workerPool_) parts.breakables[FaultTarget::Bots] = workerPool_.get();
        injector_.emplace(options_.faults, workload_.messages, std::move(parts));
        auditor_ = std::make_unique<Auditor>(
            loop_,
            // Its own lane leads to the server that there is then.
            auditorOptions(workload_, proxy_->address(workload_.bots.size()), folder_.path()),
            workload_, recorder_, [this] { leave(verdictOnTime_); });
    }

    void onProgress(BotHandle& bot) {
        if (bot.state() == BotHandle::State::Broken && !bot.everConnected()) {
            return fail("bot " + std::to_string(bot.index()) + " was refused: " + bot.reason());
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
                for (BotHandle* bot : std::exchange(ready_, {})) letTalk(*bot);
                return;
            case Phase::Settling:
                if (arrivedByCount()) trySettle();
                return;
            case Phase::Auditing:
                return;
            case Phase::Leaving:
                if (allAre(BotHandle::State::Finished)) loop_.stop();
                return;
        }
    }

    bool allAre(BotHandle::State state) const {
        return std::all_of(bots_.begin(), bots_.end(), [&](const auto& bot) {
            return bot->state() == state || bot->state() == BotHandle::State::Broken;
        });
    }

    bool allConnected() const {
        return std::all_of(bots_.begin(), bots_.end(),
                           [](const auto& bot) { return bot->connected(); });
    }

    bool gathered() const { return allAre(BotHandle::State::There); }

    void startTalking() {
        phase_ = Phase::Talking;
        progress_.say("all bots joined after " + sinceStart() + "; talking");
        talkStartNs_ = net::monotonicNs();
        if (workerPool_) workerPool_->talk(talkStartNs_);
        pump();
    }

    // Not more than there is to be before the next kill.
    bool mayTalk() const {
        return !injector_ || recorder_.said() < injector_->sayUntil() ||
               recorder_.said() >= workload_.messages;
    }

    void letTalk(BotHandle& bot) {
        if (mayTalk()) bot.talk(talkStartNs_, net::monotonicNs());
    }

    void pump() {
        if (phase_ != Phase::Talking) return;
        for (auto& bot : bots_) letTalk(*bot);
        if (workerPool_) workerPool_->hold(!mayTalk());
        if (injector_) injector_->advance(recorder_.said(), allConnected(), loop_.nowMs());
        if (phase_ != Phase::Talking) return;
        const bool broken = !injector_ || injector_->exhausted();
        if (broken &&
            std::all_of(bots_.begin(), bots_.end(), [](const auto& bot) { return bot->done(); })) {
            return startSettling();
        }
        loop_.after(kPumpMs, [this] { pump(); });
    }

    void startSettling() {
        phase_ = Phase::Settling;
        progress_.say("all messages sent after " + sinceStart() + "; settling");
        settlingMs_ = loop_.nowMs();
        if (injector_) injector_->finish();
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
        loop_.after(kLingerMs, [this] { audit("settled"); });
    }

    // `why` the waiting ends, which is what the run's end will say.
    void audit(std::string_view why) {
        if (!auditor_) return leave(why);
        if (phase_ == Phase::Auditing || phase_ == Phase::Leaving) return;
        phase_ = Phase::Auditing;
        verdictOnTime_ = why;
        progress_.say(std::string(why) + " after " + sinceStart() + "; reading the logs");
        auditor_->start();
        loop_.after(kAuditMs, [this] { leave(verdictOnTime_); });
    }

    void leave(std::string_view why) {
        if (phase_ == Phase::Leaving) return;
        phase_ = Phase::Leaving;
        recordResent();
        recorder_.end(why);
        progress_.say(std::string(why) + " after " + sinceStart() + "; leaving");
        for (auto& bot : bots_) bot->finish();
        if (workerPool_) workerPool_->finish();
        if (auditor_) auditor_->stop();
        loop_.after(kLeavingMs, [this] { loop_.stop(); });
        loop_.post([this] { step(); });
    }

    // The clock's part: probes, stalls, time-outs, and what a person sees.
    void watch() {
        if (phase_ == Phase::Leaving || phase_ == Phase::Auditing) return;
        const int64_t nowMs = loop_.nowMs();
        if (isLoneClassic())
            return leave("nobody can receive the messages of a single classic bot");
        probe();
        progress_.show(stateText(), nowMs);
        if (phase_ == Phase::Settling && nowMs - lastNewsMs_ > kQuietMs &&
            askedAtNews_ != lastNewsMs_) {
            trySettle();
        }
        if (phase_ != Phase::Gathering && allAre(BotHandle::State::Broken))
            return leave("lost the server");
        if (injector_ && phase_ == Phase::Settling && nowMs - settlingMs_ > options_.settleMs) {
            return audit("unsettled");
        }
        // What is being broken and mended takes its time, which is bounded there.
        if (injector_ && !injector_->allWhole()) lastNewsMs_ = nowMs;
        if (nowMs - lastNewsMs_ > options_.stallMs) return audit("stalled");
        if (nowMs - startMs_ > options_.timeoutMs) return timeOut();
        loop_.after(kWatchMs, [this] { watch(); });
    }

    void timeOut() {
        const bool nobody = std::none_of(bots_.begin(), bots_.end(),
                                         [](const auto& bot) { return bot->everConnected(); });
        if (nobody) return fail("no bot could join in time");
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
            return bot->state() == BotHandle::State::There;
        });
        if (phase_ == Phase::Gathering) {
            return std::to_string(there) + " of " + std::to_string(bots_.size()) + " joined";
        }
        std::string text = std::string(phase_ == Phase::Talking ? "talking: " : "settling: ") +
                           std::to_string(recorder_.deliveries()) + " messages received";
        if (workload_.files.empty()) return text;
        return text + ", " + std::to_string(recorder_.filesReceived()) + " files received";
    }

    std::string sinceStart() const {
        const int64_t ms = net::monotonicMs() - startMs_;
        return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s";
    }

    // What of each file passed more than once, as the proxy saw it.
    void recordResent() {
        if (proxy_ == nullptr) return;
        for (uint32_t bot = 0; bot < bots_.size(); ++bot) {
            for (const auto& [key, transfer] : proxy_->meter(bot).transfers()) {
                const auto at =
                    std::find(folder_.sha256().begin(), folder_.sha256().end(), key.first);
                if (transfer.connections < 2 || at == folder_.sha256().end()) continue;
                const auto file = static_cast<uint32_t>(at - folder_.sha256().begin());
                recorder_.add({.due = transfer.connections - 1,
                               .seq = transfer.again,
                               .bot = bot,
                               .number = file,
                               .room = workload_.files[file].room,
                               .kind = Kind::Resent},
                              key.second == Direction::Up ? "up" : "down");
            }
        }
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
    net::EventLoop& loop_;
    const net::HostPort server_;
    Proxy* const proxy_;  // null without faults
    Recorder recorder_;
    Bot::Context context_;
    SignalWatch signals_;
    std::unique_ptr<WorkerPool> workerPool_;  // with bots that are killed
    std::vector<std::unique_ptr<BotHandle>> bots_;
    std::optional<Injector> injector_;  // these two with faults
    std::unique_ptr<Auditor> auditor_;
    std::string_view verdictOnTime_;
    Progress progress_;
    Phase phase_ = Phase::Gathering;
    std::vector<BotHandle*> ready_;  // that may have something to say, now
    bool stepPosted_ = false;
    bool lingering_ = false;
    int64_t startMs_ = 0;
    int64_t lastNewsMs_ = 0;
    int64_t askedAtNews_ = 0;
    int64_t settlingMs_ = 0;
    int64_t talkStartNs_ = 0;
    uint64_t expected_ = 0, expectedFiles_ = 0;
};

RunResult troubled(RunResult::Trouble trouble, std::string text) {
    RunResult result;
    result.trouble = trouble;
    result.text = std::move(text);
    return result;
}

}  // namespace

RunResult runWorkload(const Workload& workload, const RunOptions& options) {
    RunFolder folder;
    if (auto status = folder.create(workload); !status) {
        return troubled(RunResult::Trouble::OurFault, status.error().text);
    }
    if (options.keepFolder) folder.keep();
    net::EventLoop loop;
    std::unique_ptr<RunServers> own;
    if (!options.server) {
        auto started = RunServers::start(loop, options, folder);
        if (!started) return troubled(RunResult::Trouble::NoServer, started.error().text);
        own = std::move(*started);
    }
    const net::HostPort server = own ? own->address() : *options.server;
    RunResult result;
    result.journal.info.server = server.host + ":" + std::to_string(server.port);
    result.journal.info.command = options.command;
    result.journal.info.allowStrangers = options.allowStrangers;
    std::unique_ptr<Proxy> proxy;
    if (!options.faults.empty()) {
        result.journal.info.faults = scheduleText(options.faults);
        result.journal.info.settleMs = options.settleMs;
        const size_t lanes = workload.bots.size() + 1;  // and the auditor
        auto made = Proxy::create(loop, lanes, server, !workload.files.empty());
        if (!made) return troubled(RunResult::Trouble::OurFault, made.error().text);
        proxy = std::move(*made);
        if (own) own->onMoved([&] { return proxy->moveTo(own->address()); });
    }
    Runner(loop, workload, options, server, folder, {proxy.get(), own.get()}, result).run();
    if (own) own->disarm();
    proxy.reset();
    if (options.keepFolder) result.folder = folder.path();
    if (!own) return result;
    if (const std::string fault = own->stop(kServerStopMs); !fault.empty()) {
        result.journal.add({.ns = net::monotonicNs(), .kind = Kind::ServerFailed}, fault);
    }
    result.serverComplaints = own->complaints();
    return result;
}

}  // namespace netchat::harness
