#include "modes/bot/bot.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <system_error>

#include "modes/bot/jsonl_mode.h"
#include "modes/bot/lines_mode.h"
#include "modes/bot/parser.h"
#include "modes/bot/runner.h"
#include "modes/bot/script_input.h"
#include "modes/bot/upload_mode.h"
#include "modes/net/clock.h"
#include "modes/net/make_charset.h"
#include "protocol/duration.h"
#include "protocol/text_safety.h"

namespace netchat::bot {
namespace {

namespace fs = std::filesystem;

// Where files are received: the folder that was asked for, or one that goes with the run.
class Downloads {
  public:
    static Result<Downloads> make(const std::string& wanted) {
        std::error_code error;
        if (!wanted.empty()) {
            fs::create_directories(wanted, error);
            if (error) return failure(wanted, error);
            return Downloads(wanted, false);
        }
        std::string pattern = (fs::temp_directory_path(error) / "netchat-bot-XXXXXX").string();
        if (error || !mkdtemp(pattern.data()))
            return failure(pattern, std::error_code(errno, std::generic_category()));
        return Downloads(pattern, true);
    }

    Downloads(Downloads&& other) noexcept
        : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, false)) {}
    ~Downloads() {
        std::error_code ignored;
        if (temporary_) fs::remove_all(path_, ignored);
    }

    const fs::path& path() const { return path_; }

  private:
    Downloads(fs::path path, bool temporary) : path_(std::move(path)), temporary_(temporary) {}
    static Error failure(const std::string& path, const std::error_code& error) {
        return {ErrorCode::NoRoom,
                "cannot make the folder " + forLog(path, 300) + ": " + error.message()};
    }

    fs::path path_;
    bool temporary_;
};

// A turn of the loop's life that ends with an outcome, or with a signal.
class Run {
  public:
    Run(net::EventLoop& loop, Interrupt& interrupt) : loop_(loop), interrupt_(interrupt) {}
    ~Run() { interrupt_ = nullptr; }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    net::EventLoop& loop() { return loop_; }
    std::function<void(const Outcome&)> finisher() {
        return [this](const Outcome& outcome) {
            outcome_ = outcome;
            loop_.stop();
        };
    }
    // What a signal asks of the mode: to end with this outcome.
    void onInterrupt(std::function<void(Outcome)> end) {
        interrupt_ = [end = std::move(end)](int signal) {
            end({128 + signal, signal == SIGINT ? "interrupted" : "ended by a signal"});
        };
    }

    Outcome run() {
        loop_.run();
        return outcome_;
    }

  private:
    net::EventLoop& loop_;
    Interrupt& interrupt_;
    Outcome outcome_;
};

int complain(Output& output, int code, const std::string& text) {
    output.say("netchat bot: " + text);
    return code;
}

// How much of the deadline is over.
int64_t spentMs(const BotOptions& options) {
    return options.begunMs ? net::monotonicMs() - *options.begunMs : 0;
}

std::optional<int64_t> leftMs(const BotOptions& options) {
    if (!options.deadlineMs) return {};
    return std::max<int64_t>(*options.deadlineMs - spentMs(options), 0);
}

// What only this machine can tell: whether it knows the charsets that the script names.
void checkEncodings(Parsed& parsed) {
    for (const Step& step : parsed.script.steps) {
        if (step.verb != Verb::Bots) continue;
        const auto& encoding = parsed.script.bots[step.bots.front()].encoding;
        if (encoding && !net::makeCharset(*encoding))
            parsed.errors.push_back(
                {step.place, "unknown encoding \"" + forLog(*encoding) +
                                 "\"; known encodings: " + net::knownCharsets()});
    }
}

int runScript(net::EventLoop& loop, Interrupt& interrupt, const BotOptions& options,
              Output& output) {
    Result<std::string> text = readScript(loop, options.script, leftMs(options));
    if (!text && text.error().code == ErrorCode::Timeout) {
        return complain(
            output, kTimedOut,
            text.error().text + " within the deadline of " + durationText(*options.deadlineMs));
    }
    if (!text) return complain(output, kBadScript, text.error().text);
    ParseOptions parse;
    parse.name = options.script == "-" ? "(standard input)" : options.script;
    parse.variables = options.variables;
    parse.rooms = options.rooms;
    parse.classic = options.client.classic;
    parse.timeoutMs = options.timeoutMs;
    Parsed parsed = parseScript(*text, parse);
    checkEncodings(parsed);
    for (const ParseError& error : parsed.errors) output.say(errorLine(parse.name, error));
    if (!parsed.errors.empty()) return complain(output, kBadScript, "the script was not run");
    Result<Downloads> downloads = Downloads::make(options.downloads);
    if (!downloads) return complain(output, kFile, downloads.error().text);

    Run run(loop, interrupt);
    RunSettings settings{
        .client = options.client,
        .downloads = downloads->path(),
        .variables = options.variables,
        .since = options.since,
        .stateFolder = options.stateFolder,
        .verbose = options.verbose,
        .deadlineMs = options.deadlineMs,
        .spentMs = spentMs(options),
        .print = [&](const std::string& line) { output.say(line); },
        .put =
            [&](const std::string& line) { return output.line(line) ? Outcome{} : output.lost(); }};
    Runner runner(run.loop(), clientsOn(run.loop()), std::move(parsed.script), std::move(settings),
                  run.finisher());
    run.onInterrupt([&](Outcome outcome) { runner.end(std::move(outcome)); });
    runner.start();
    return run.run().code;
}

template <class Make>
int runSolo(net::EventLoop& loop, Interrupt& interrupt, const BotOptions& options, Output& output,
            Make make) {
    Result<Downloads> downloads = Downloads::make(options.downloads);
    if (!downloads) return complain(output, kFile, downloads.error().text);
    Run run(loop, interrupt);
    SoloSettings settings{
        .client = options.client,
        .rooms = options.rooms,
        .timeoutMs = options.timeoutMs,
        .since = options.since,
        .deadlineMs = options.deadlineMs,
        .spentMs = spentMs(options),
        .acks = options.acks,
        .print = [&](const std::string& line) { output.say("netchat bot: " + line); }};
    settings.client.downloads = downloads->path();
    auto memory =
        client::recall(options.since, options.stateFolder, settings.client, settings.print);
    if (!memory) return complain(output, kNoServer, memory.error().text);
    if (*memory) settings.memory = std::make_shared<client::StateFile>(std::move(**memory));
    std::unique_ptr<Solo> mode = make(run, std::move(settings));
    run.onInterrupt([&](Outcome outcome) { mode->leave(std::move(outcome)); });
    mode->start();
    Outcome outcome = run.run();
    if (outcome.code != kMet) complain(output, outcome.code, outcome.text);
    return outcome.code;
}

}  // namespace

int runBot(net::EventLoop& loop, const BotOptions& options, Interrupt& interrupt,
           client::WriteWait::Urgent signals) {
    Output output;
    output.wait().urgent(std::move(signals));
    // No reader keeps a run beyond its deadline.
    if (const auto left = leftMs(options)) output.wait().endAt(net::monotonicMs() + *left);
    switch (options.mode) {
        case Mode::Script:
            return runScript(loop, interrupt, options, output);
        case Mode::Lines:
            return runSolo(loop, interrupt, options, output, [&](Run& run, SoloSettings settings) {
                // It says and does not receive: files are for others.
                settings.client.wants = [](const client::event::File&) { return false; };
                return std::make_unique<LinesMode>(run.loop(), clientsOn(run.loop()),
                                                   std::move(settings), STDIN_FILENO,
                                                   run.finisher());
            });
        case Mode::Jsonl:
            return runSolo(loop, interrupt, options, output, [&](Run& run, SoloSettings settings) {
                return std::make_unique<JsonlMode>(run.loop(), clientsOn(run.loop()),
                                                   std::move(settings), STDIN_FILENO, output,
                                                   run.finisher());
            });
        case Mode::Upload:
            return runSolo(loop, interrupt, options, output, [&](Run& run, SoloSettings settings) {
                settings.client.autoDownloadBytes = 0;
                return std::make_unique<UploadMode>(
                    run.loop(), clientsOn(run.loop()), std::move(settings), options.uploads,
                    options.uploadAs, STDIN_FILENO, output, run.finisher());
            });
        case Mode::Listen:
            return runSolo(loop, interrupt, options, output, [&](Run& run, SoloSettings settings) {
                if (options.listen.filter.filters()) {
                    settings.client.wants = [&options](const client::event::File& file) {
                        return options.listen.filter.fetches(file,
                                                             options.client.autoDownloadBytes);
                    };
                }
                return std::make_unique<ListenMode>(run.loop(), clientsOn(run.loop()),
                                                    std::move(settings), options.listen, output,
                                                    run.finisher());
            });
    }
    return kOurFault;
}

}  // namespace netchat::bot
