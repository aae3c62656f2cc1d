#pragma once

// Carries a script out, step by step, each after the one before it has finished:
//
//     begin(step) --> a Check, asked again after every event --> Met: the next step
//                     (and once more when the step's time is up)   otherwise: the script ends
//
// The steps themselves are in steps.cpp.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "modes/bot/actor.h"
#include "modes/bot/outcome.h"
#include "modes/bot/script.h"
#include "modes/bot/steps.h"
#include "modes/client/state_file.h"
#include "modes/net/event_loop.h"

namespace netchat::bot {

struct RunSettings {
    client::Options client;           // of every bot, but for what its line says
    std::filesystem::path downloads;  // each bot has its own folder in it
    Variables variables;
    client::Since since = {};
    std::filesystem::path stateFolder = {};  // of what an earlier run has seen
    bool verbose = false;
    std::optional<int64_t> deadlineMs = {};         // of the whole run
    int64_t spentMs = 0;                            // of that before start()
    std::function<void(const std::string&)> print;  // a line for people
    // A line of the script's own output; how the run ends where it cannot be written.
    std::function<Outcome(const std::string&)> put = [](const std::string&) { return Outcome{}; };
};

// Loop thread only; must not be destroyed from its own callbacks.
class Runner {
  public:
    Runner(net::EventLoop& loop, ChatFactory factory, Script script, RunSettings settings,
           std::function<void(const Outcome&)> finished);
    ~Runner();

    void start();
    // Ends the run with this outcome: bots say bye, as after the last step.
    void end(Outcome outcome);

  private:
    enum class State {
        Idle,
        Running,
        Closing,  // the outcome is settled, byes are under way
        Closed,
    };

    void advance();
    void advanceSoon();
    bool oneStep();
    bool begin();
    void conclude(const Progress& progress);
    void timeUp();
    void runTimeUp();
    void fail(int code, const std::string& why);
    std::optional<Progress> lostMeanwhile(const Step& step);
    std::optional<Progress> awayNow(const Step& step) const;
    void closeWhenGone();
    void close();
    Outcome finalOutcome() const;
    int64_t elapsedMs() const;
    std::string where(const Step& step) const;
    void addActor(size_t index);
    bool addMemory(client::Options& options, std::optional<client::StateFile>& memory);
    std::string summary() const;

    void exitWith(int code, size_t line);
    void warn(const std::string& what);
    void printExpected();

    // The step in force, with its numbers filled in.
    const Step& step() const { return step_; }

    net::EventLoop& loop_;
    ChatFactory factory_;
    Script script_;
    RunSettings settings_;
    std::function<void(const Outcome&)> finished_;
    State state_ = State::Idle;
    int64_t startedMs_ = 0;
    size_t next_ = 0;  // of the step in force
    Step step_;
    size_t warnings_ = 0;
    size_t done_ = 0;
    bool begun_ = false;
    bool advancing_ = false;  // an advance() is posted
    Check check_;
    net::EventLoop::TimerId deadline_ = 0, poll_ = 0, wholeRun_ = 0;
    Outcome outcome_;
    World world_;
    std::shared_ptr<Runner*> self_;  // null once the runner is gone: posted tasks look
};

}  // namespace netchat::bot
