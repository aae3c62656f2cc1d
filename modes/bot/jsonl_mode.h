#pragma once

// `netchat bot --stdin jsonl`: a JSON command a line in, a JSON event a line out (client/
// event_json.h). For programs that need more than a script: loops, conditions, a mind of their own.
//
//     {"do":"say","room":"lobby","text":"hello","ref":"anything"}
//     -> {"event":"accepted","do":"say","id":"1","ref":"anything"}     its id in the log
//     -> {"event":"message", … "id":"1","own":true}
//     {"do":"shout"}
//     -> {"event":"bad-command","line":2,"text":"…"}                    reading goes on; exit code
//     65

#include <Poco/JSON/Object.h>

#include <memory>

#include "modes/bot/output.h"
#include "modes/bot/solo.h"
#include "modes/client/line_input.h"
#include "modes/client/reader_watch.h"

namespace netchat::bot {

// Loop thread only.
class JsonlMode : public Solo, public client::LineInput::Reader {
  public:
    JsonlMode(net::EventLoop& loop, const ChatFactory& factory, SoloSettings settings, int inputFd,
              Output& output, std::function<void(const Outcome&)> finished)
        : Solo(loop, factory, std::move(settings), std::move(finished)),
          output_(output),
          reader_(this->loop(), output.dataFd(), [this] { leave({}); }),
          inputFd_(inputFd) {}

  private:
    using Command = Poco::JSON::Object;
    using Handler = Status (JsonlMode::*)(const Command&);
    struct Verb {
        std::string_view name;
        Handler handler;
    };
    static const Verb kVerbs[];

    void onReady() override;
    bool onHeard(const client::Event& event) override;
    void onPoll() override { regulate(); }
    Outcome onDrained() override;
    bool keepsWithoutServer() const override { return true; }

    void onLine(std::string_view line) override;
    void onLongLine() override;
    void onInputEnd() override;
    void onInputFailed(const std::string& why) override;
    Status obey(std::string_view line);

    Status say(const Command& command);
    Status tell(const Command& command);
    Status join(const Command& command);
    Status leaveRoom(const Command& command);
    Status nick(const Command& command);
    Status who(const Command& command);
    Status rooms(const Command& command);
    Status history(const Command& command);
    Status upload(const Command& command);
    Status get(const Command& command);
    Status exit(const Command& command);
    Status disconnect(const Command& command);
    Status reconnect(const Command& command);

    std::string roomOf(const Command& command) const;
    void accepted(const Command& command, const std::string& id);
    void bad(const std::string& text);
    void regulate();
    // False: it was not written, and the bot leaves.
    bool put(const std::string& line);

    enum class Wanted {
        Up,
        Cut,  // by a `disconnect`, until a `reconnect`
    };

    Output& output_;
    client::ReaderWatch reader_;
    int inputFd_;
    std::unique_ptr<client::LineInput> input_;
    Wanted connection_ = Wanted::Up;
    size_t line_ = 0, badLines_ = 0;
    std::string inputFailure_;
};

}  // namespace netchat::bot
