#pragma once

// Keys into the state and into orders: what moves the screen, edits the input, completes it, and
// what a line that was entered does. Pure but for the folders that completion looks into; one
// thread.

#include <optional>
#include <string>
#include <string_view>

#include "modes/connect/commands.h"
#include "modes/connect/screen/event_reducer.h"
#include "modes/connect/screen/input/key.h"
#include "modes/connect/screen/key_map.h"
#include "modes/connect/screen/state.h"
#include "modes/connect/typed_line.h"

namespace netchat::connect {

// Where paths are looked up for completion.
class Folders {
  public:
    virtual ~Folders() = default;
    // The entries of a folder, sorted, folders with a "/" at their end; none where it can't be
    // read.
    virtual std::vector<std::string> entries(std::string_view folder) const = 0;
};

class InputHandler {
  public:
    InputHandler(ScreenState& state, EventReducer& reducer, const Folders& folders)
        : state_(state), reducer_(reducer), folders_(folders) {}

    void key(const Key& key, const Moment& now);

  private:
    class Words;
    class Commands;  // what each of them does

    Key withMeta(const Key& key, const Moment& now);
    bool usesEscape() const;
    void look(bool in);
    bool turnsWheel(const Key& key, const Moment& now);
    bool moves(const Key& key, const Moment& now);
    bool meta(const Key& key);
    bool jumps(const Key& key, const Moment& now);
    void showNumbered(const std::string& number, const Moment& now);
    bool act(Action action, const Moment& now);
    void goToUnread(RoomView& room, const Moment& now);
    void goToMention(RoomView& room, bool older, const Moment& now);
    void goToOlderMention(RoomView& room, size_t from, const Moment& now);
    void goTo(RoomView& room, size_t line, size_t at, const Moment& now);
    // What a key does in vain is said without a line of the room, until the next key.
    void hint(std::string text);
    // ---- looking for words
    bool findKey(const Key& key, const Moment& now);
    bool typeWords(const Key& key, const Moment& now);
    void beginFinding(RoomView& room);
    void wordsChanged(RoomView& room, const Moment& now);
    void findOlder(RoomView& room, bool asksServer, const Moment& now);
    void findNewer(RoomView& room, const Moment& now);
    void cancelFinding(RoomView& room);
    bool fits(const Line& line) const;
    void found(RoomView& room, size_t line, const Moment& now);
    bool helpKey(const Key& key);
    bool bareKey(const Key& key, const Moment& now);
    void bare(const Moment& now);
    void leaveBare();
    void turnRoster();
    bool asksOfPaste(RoomView& room);
    void complete(bool backwards);
    void edit(const Key& key, const Moment& now);
    void entered(const Moment& now);
    bool keepsBack(const RoomView& room, bool here, const Moment& now);

    void obey(const Command& command, const Moment& now);  // typed_commands.cpp
    void getOffered(const Moment& now);
    bool decline(const std::string& which, const Moment& now);
    void dropOffersOf(const std::string& nick);
    void fetch(KnownFile& file, const Moment& now);
    void set(const std::string& name, const std::string& typed, const Moment& now);
    void listFamily(std::string_view family, const Moment& now);
    void unset(const std::string& name, const Moment& now);
    void keepSetting(const std::string& name, std::optional<std::string> value);
    void quiet(const std::string& where, const Moment& now);
    void order(ClientCommand order) { state_.orders.push_back(std::move(order)); }
    // The public room that is meant: this one or, of an empty name, the one that is looked at.
    RoomView* publicRoom(const std::string& name, const Moment& now);

    ScreenState& state_;
    EventReducer& reducer_;
    const Folders& folders_;
    TypedLine typed_;
    std::optional<std::string> jump_;  // the digits typed after M-j
};

}  // namespace netchat::connect
