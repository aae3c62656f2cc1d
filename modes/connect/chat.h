#pragma once

// The interactive client between its three neighbours:
//
//     Input -- lines --> Chat -- verbs --> client::Client
//     View <-- events, status -- Chat <-- events -- client::Client
//
// Its life:
//
//     Entering --> Talking --+--> Finishing --> Closing --> Over
//                            +--> Leaving -------^
//
// Input is read from Talking on, and only while what was said before is coming back: what is not
// acknowledged is bounded, and so is the memory that it takes.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "modes/client/client.h"
#include "modes/client/nick_set.h"
#include "modes/client/state_file.h"
#include "modes/connect/commands.h"
#include "modes/connect/file_list.h"
#include "modes/connect/input.h"
#include "modes/connect/transfer_choice.h"
#include "modes/connect/typed_line.h"
#include "modes/connect/view.h"
#include "modes/net/event_loop.h"

namespace netchat::connect {

// Loop thread only. It uses the loop's turn-end hook.
class Chat : private client::Listener, private Input::Reader {
  public:
    enum class Outcome {
        Done,        // left in good order
        NoServer,    // could not connect, was refused, or lost the server
        FileFailed,  // left in good order, but a file did not arrive
        Incomplete,  // left in good order, but something of the input or the output got lost
    };

    struct Options {
        client::Options client;
        std::string room;
        std::string home;         // what ~ stands for
        bool atTerminal = false;  // somebody types: a hint at the commands helps
        // The input's lines may be commands. Without, each is said as it is: data is not commands.
        bool commands = false;
        bool tellsDownloads = false;  // the user has not said where files go
        // Shown of a room's log when it is entered, and what was said meanwhile since that.
        unsigned historyEntries = 0;
        client::Since since = {};
        std::shared_ptr<client::StateFile> memory = {};  // of what an earlier run has seen
    };

    Chat(net::EventLoop& loop, Options options, View& view, Input& input);
    ~Chat();

    // Connects, and stops the loop when all is over.
    void start();
    // Nobody reads stdout any more.
    void readerGone();
    // After the loop was stopped by this object.
    Outcome outcome() const;

  private:
    class Commands;  // what each of them does

    enum class State {
        Entering,   // not yet in the first room
        Talking,    // the input is read
        Finishing,  // the input ended: until all is said, sent and received
        Leaving,    // !exit: until all is said and sent
        Closing,    // bye was said
        Over,
    };

    void onEvent(const client::Event& event) override;
    void onLine(std::string_view line) override;
    void onPasted(std::string_view text) override;
    void onLongLine() override;
    void onInputEnd() override;
    void onInputFailed(const std::string& why) override;
    void onTurnEnd();

    void beforeShown(const client::Event& event);
    void afterShown(const client::Event& event);
    void entered(const client::event::Joined& joined);
    void left(const client::event::Left& left);
    void refused(const client::event::Refused& refused);
    void fileFailed(const client::event::FileFailed& failed);
    void tellCancelled(bool upload, std::string_view name);
    void disconnected(const client::event::Disconnected& ended);
    void reconnecting(const client::event::Reconnecting& away);
    void connected(const client::event::Connected& connected);

    void obey(const Command& command);  // chat_commands.cpp
    Command read(std::string_view line);
    void tellNotObeyed(std::string_view line);
    void tellDownloads();
    void followIgnored(const client::event::Presence& presence);
    bool isHidden(const client::Event& event) const;
    void meet(const client::Event& event);

    void finish(State state);
    void closeIfDone();
    void over();
    bool mayRead();
    void note(const std::string& text) { view_.status(Level::Note, text); }
    void trouble(const std::string& text) { view_.status(Level::Trouble, text); }
    void wrongInput(const std::string& text);

    net::EventLoop& loop_;
    const Options options_;
    View& view_;
    Input& input_;
    client::Client client_;

    State state_ = State::Entering;
    Outcome outcome_ = Outcome::Done;
    OutputState outputState_ = OutputState::Open;
    std::string room_;                // the current one, or none
    std::vector<std::string> rooms_;  // all that this user is in, the current one last
    uint64_t user_ = 0;
    bool connectedOnce_ = false;
    // A join or leave is not answered yet: what follows it in the input is for the room after it.
    bool moving_ = false;
    bool unread_ = false;   // nobody reads what is shown
    bool pongDue_ = false;  // answers to requests made before the input's end come before it
    std::deque<size_t> sizesUnderWay_;  // of what was said and not acknowledged, the oldest first
    size_t bytesUnderWay_ = 0;
    TypedLine typed_;  // at a terminal
    // Who was seen here, as each is called.
    static constexpr size_t kMetMax = 5'000;
    client::NickSet met_;
    bool toldNotObeyed_ = false, toldDownloads_ = false;
    FileList files_;
    TransferNumbers numbers_;
    struct Page {
        uint64_t first = 0;  // the oldest entry shown; 0: none yet
        bool more = false;   // there are older ones
        // The next one goes on before it.
        void shown(uint64_t oldest, bool hasMore) {
            if (oldest != 0) first = oldest;
            more = hasMore;
        }
    };
    std::map<std::string, Page, std::less<>> pages_;  // of history, by room
    struct Search {
        std::string room, words;
        Page page;
    } search_;
};

}  // namespace netchat::connect
