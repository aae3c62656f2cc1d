#pragma once

// `netchat bot --stdin jsonl`: a JSON command a line in, a JSON event a line out (client/
// event_json.h). For programs that need more than a script: loops, conditions, a mind of their own.
//
//     {"do":"say","room":"lobby","text":"hello","ref":"anything"}
//     -> {"event":"accepted","do":"say","id":"1","ref":"anything"}     its id in the log
//     -> {"event":"message", … "id":"1","own":true,"ref":"anything"}   it is in the log
//     {"do":"upload","file":"/none","ref":2}
//     -> {"event":"refused", … "ref":2}                                each answer has its `ref`
//     {"do":"shout"}
//     -> {"event":"bad-command","line":3,"text":"…"}                   reading goes on; exit code
//     65

#include <string>
#include <string_view>

#include "modes/bot/asked_commands.h"
#include "modes/bot/jsonl_command.h"
#include "modes/bot/output.h"
#include "modes/bot/solo.h"
#include "modes/bot/told_entries.h"
#include "modes/client/line_input.h"
#include "modes/client/reader_watch.h"
#include "protocol/limits.h"

namespace netchat::bot {

// Loop thread only.
class JsonlMode : public Solo, public client::LineInput::Reader {
  public:
    JsonlMode(net::EventLoop& loop, const ChatFactory& factory, SoloSettings settings, int inputFd,
              Output& output, std::function<void(const Outcome&)> finished)
        : Solo(loop, factory, std::move(settings), std::move(finished)),
          output_(output),
          reader_(this->loop(), output.dataFd(), [this] { leave({}); }),
          input_(this->loop(), inputFd, kCommandBytesMax, *this) {
        input_.setPaused(true);
        output_.wait().meanwhile(input_.aheadOfTurn());
    }
    ~JsonlMode() override { output_.wait().meanwhile({}); }

  private:
    // The longest text with each byte escaped as \u00XX, and room for the rest of a command.
    static constexpr size_t kCommandBytesMax = 6 * limits::kTextBytesMax + 64 * limits::kKiB;

    using Command = JsonlCommand;
    using Handler = Status (JsonlMode::*)(const Command&);
    struct Verb {
        std::string_view name;
        Handler handler;
        std::string_view keys;
    };
    static const Verb kVerbs[];

    void onReady() override;
    bool onHeard(const client::Event& event) override;
    void onPoll() override { regulate(); }
    Outcome onDrained() override;
    bool awaitsAnswers() const override { return asked_.awaitsAnswers(); }
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
    Status cancel(const Command& command);
    Status search(const Command& command);
    Status op(const Command& command);
    Status ack(const Command& command);
    Status exit(const Command& command);
    Status disconnect(const Command& command);
    Status reconnect(const Command& command);

    Result<std::string> roomOf(const Command& command) const;
    Result<std::string> idOf(const Command& command) const;
    void said(std::string_view verb, const std::string& id);
    void asked(AskedCommand::Kind kind, std::string about = {});
    void bad(const std::string& text);
    void refuse(client::event::Refused refused, const Error& error, const std::string& ref);
    void refuseAck(const AskedCommand& ack, const Error& error);
    void settleAcks();

    void regulate();
    // False: it was not written, and the bot leaves.
    bool put(const std::string& line);

    enum class Wanted {
        Up,
        Cut,  // by a `disconnect`, until a `reconnect`
    };

    Output& output_;
    client::ReaderWatch reader_;
    client::LineInput input_;  // told nothing before the bot is in its rooms
    Wanted connection_ = Wanted::Up;
    size_t line_ = 0, badLines_ = 0;
    std::string inputFailure_;
    std::string ref_;  // of the line that is obeyed now
    AskedCommands asked_;
    ToldEntries told_;
};

}  // namespace netchat::bot
