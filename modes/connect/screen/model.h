#pragma once

// The screen's client without a terminal, a clock, a thread or a network: events and keys in,
// orders, effects and a grid out.
//
//     Delivery --> EventReducer --+
//                           +--> ScreenState --> render() --> Grid
//     Key -------> InputHandler --+--> orders, effects

#include <string>
#include <vector>

#include "modes/connect/screen/event_reducer.h"
#include "modes/connect/screen/input_handler.h"
#include "modes/connect/screen/remembered.h"
#include "modes/connect/screen/state.h"

namespace netchat::connect {

// One thread.
class Model {
  public:
    // `room`: the first to be entered; it is there from the beginning, so that somebody can type.
    // `remembered`: by an earlier run; its rooms and those of the settings are entered, too.
    Model(ScreenState::Options options, std::string_view room, const Folders& folders,
          Settings settings = {}, const Remembered& remembered = {});

    void take(Delivery& delivery, const Moment& now) { reducer_.take(delivery, now); }
    void take(const client::Event& event, const Moment& now) { reducer_.take(event, now); }
    void key(const Key& key, const Moment& now) { inputHandler_.key(key, now); }
    void resize(int width, int height);
    void setPaste(Keyboard::Paste paste) { state_.paste = paste; }
    void note(std::string_view text, const Moment& now) { reducer_.note(text, now); }
    void trouble(std::string_view text, const Moment& now) { reducer_.trouble(text, now); }
    // A picture that was wished for.
    void show(const UiEffects::Preview& what, Picture picture, const Moment& now);

    // To be called after whatever came: forgets what is beyond the bounds, drawn or not.
    void tidy();
    // To be called before render(): asks for what is missing on the screen. True: something is
    // shown that changes with time alone.
    bool beforeFrame(const Moment& now);
    const ScreenState& state() const { return state_; }
    // For the terminal's window: "(2) lobby - netchat".
    std::string title() const;

    std::vector<ClientCommand> takeOrders();
    UiEffects takeEffects();

  private:
    void restore(const Remembered::Place& place);
    void restoreUnseen(const Remembered::Place& place);
    void showTalkOf(const Remembered& remembered);
    void enter(const std::string& room);
    void fetchMissing(RoomView& room, const Moment& now);
    void reachGoal(RoomView& room, const Moment& now);
    void reachNew(RoomView& room, const Moment& now);
    void seekMention(RoomView& room, const Moment& now);
    void fetchAround(RoomView& room, const Line& hole, uint64_t seq, const Moment& now);
    bool mayFetch(const RoomView& room, const Moment& now) const;
    void fetch(RoomView& room, uint64_t before, unsigned count);

    ScreenState state_;
    EventReducer reducer_{state_};
    InputHandler inputHandler_;
};

}  // namespace netchat::connect
