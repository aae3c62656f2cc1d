#pragma once

// Bots in processes of their own, ten in each, so that they can be killed: starts them, takes their
// news into the journal, and starts them again with what they had.

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/plan/workload.h"
#include "harness/run/bot_handle.h"
#include "harness/run/bot_memory.h"
#include "harness/run/breakable.h"
#include "harness/run/ipc.h"
#include "harness/run/recorder.h"
#include "harness/run/run_folder.h"
#include "modes/net/address.h"
#include "modes/net/event_loop.h"

namespace netchat::harness {

// Loop thread only. What it is made of outlives it.
class WorkerPool final : public Breakable, private net::Watcher {
  public:
    struct Parts {
        net::EventLoop& loop;
        Recorder& recorder;
        const Workload& workload;
        const RunFolder& folder;
        std::vector<std::string> arguments;  // of this program, that have it plan the same workload
        std::function<net::HostPort(uint32_t bot)> server;
        std::function<void(BotHandle&)> onProgress;
        std::function<void()> onActivity;
        std::function<void(const std::string&)> onTrouble;
    };
    explicit WorkerPool(Parts parts);
    ~WorkerPool() override;  // kills those that still run

    // One for each bot of the workload, which this outlives.
    std::vector<std::unique_ptr<BotHandle>> bots();
    void start();
    void talk(int64_t startNs);
    // While held they say nothing new.
    void hold(bool held);
    void finish();
    // kill -9 of the bot's process, which is started again.
    void strike(const FaultStep& step) override;
    // None of the killed bots is still away.
    bool isWhole() const override;

  private:
    class Remote;
    struct Process {
        pid_t pid = 0;
        int commands = -1;
        uint32_t first = 0, end = 0;  // its bots
    };
    struct Known {
        BotHandle::State state = BotHandle::State::Idle;
        bool done = false, connected = false, everConnected = false, killed = false;
        std::string reason;
        BotMemory memory;
        uint64_t acknowledged = 0;
        BotHandle* bot = nullptr;
    };

    void launch(Process& process);
    void command(const Process& process, const std::string& packet);
    void commandAll(const std::string& packet);
    void introduce(const Process& process, uint32_t bot);
    void end(Process& process);
    void onReady(uint32_t events) override;
    bool readOne();
    void take(const News& news, std::string_view text);
    void takeStatus(const News& news, std::string_view text);

    Parts parts_;
    std::vector<Process> processes_;
    std::vector<Known> known_;  // by bot
    int news_ = -1, newsOfWorkers_ = -1;
    int64_t talkStartNs_ = 0;
    bool held_ = false;
};

}  // namespace netchat::harness
