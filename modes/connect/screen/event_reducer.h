#pragma once

// Events into the state: what the network thread tells becomes lines, unread counts, rosters and
// transfers. Here remote bytes become SafeText. Pure; one thread.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "modes/connect/screen/event_queue.h"
#include "modes/connect/screen/highlights.h"
#include "modes/connect/screen/state.h"

namespace netchat::connect {

class EventReducer {
  public:
    explicit EventReducer(ScreenState& state) : state_(state) {}

    void take(Delivery& delivery, const Moment& now);
    void take(const client::Event& event, const Moment& now);

    // ---- what is typed makes lines, too
    // A line that is pending until its room's log has it; gives the tag for the order.
    uint64_t addPending(RoomView& room, std::string_view text, const Moment& now);
    // A line of ours, in the room that is looked at.
    void note(std::string_view text, const Moment& now) {
        own(Line::Kind::Note, text, now, state_.rooms.current());
    }
    void trouble(std::string_view text, const Moment& now) {
        own(Line::Kind::Trouble, text, now, state_.rooms.current());
    }
    // Where files go, once.
    void tellDownloads(const Moment& now);
    // What was said and has not come back.
    size_t pending() const { return pending_.size(); }

  private:
    // A page of history that was refused, or is of no use, is asked for again, but not at once.
    static constexpr int64_t kAskAgainMs = 2'000;

    struct PendingLine {
        RoomView::Kind kind;
        std::string room;
        uint64_t line;
    };

    // ---- the connection
    void connected(const client::Event& event, const Moment& now);
    void away(const client::Event& event, const Moment& now);
    void ended(const client::Event& event, const Moment& now);
    void refused(const client::Event& event, const Moment& now);
    void notSaid(uint64_t tag, const client::Event& event, const Moment& now);
    bool neverUsed(const RoomView& room) const;
    void notice(const client::Event& event, const Moment& now);
    void named(const client::Event& event, const Moment& now);
    void dropPage();
    bool entersAny() const;
    void turnedOut(RoomView& room);
    // ---- rooms and who is there
    void joined(const client::Event& event, const Moment& now);
    void left(const client::Event& event, const Moment& now);
    void presence(const client::Event& event, const Moment& now);
    void renamed(RoomView& room, const client::Event& event);
    void roster(const client::Event& event, const Moment& now);
    void missed(const Missed& missed);
    // ---- entries
    void entry(const client::Event& event, const Moment& now);
    void place(RoomView& room, const client::Event& event, Line line);
    void privately(const client::Event& event, const Moment& now);
    void pageEntry(const client::Event& event, const Moment& now);
    void pageEnd(const Moment& now);
    void searchPage(const client::Event& event);
    void searchEnd();
    void gap(const client::Event& event, const Moment& now);
    void logChanged(const client::Event& event, const Moment& now);
    // `mention`: null where it is none.
    void arrived(RoomView& room, const client::Event& event, uint64_t line,
                 const SafeText* mention);
    void notify(const RoomView& room, const client::Event& event, const SafeText& text);
    bool isTold(const RoomView& room, const client::Event& event) const;
    void spoke(RoomView& room, std::string_view nick);
    // ---- pending lines
    void acknowledged(std::string_view id);
    void written(uint64_t tag);
    void settle(uint64_t tag, void (Scrollback::*how)(uint64_t line));
    // ---- files
    void fileEntry(const client::Event& event);
    void received(const client::Event& event, const Moment& now);
    void uploaded(const client::Event& event, const Moment& now);
    void failed(const client::Event& event, const Moment& now);
    void transfersNow(const TransfersNow& transfers, const Moment& now);
    std::string timing(std::string_view key, uint64_t size, const Moment& now) const;

    Line lineOf(const client::Event& event, const Moment& now) const;
    bool isIgnored(const client::Event& event) const;
    RoomView* roomOf(const client::Event& event);
    FormatContext formatContext(const Moment& now) const;
    void own(Line::Kind kind, std::string_view text, const Moment& now, RoomView* room);
    void answer(Line::Kind kind, std::string_view text, const Moment& now, RoomView* room);
    void sentence(const client::Event& event, const Moment& now, RoomView* room,
                  Line::Kind kind = Line::Kind::Note);

    ScreenState& state_;
    uint64_t lastTag_ = 0;
    uint64_t lastSpoken_ = 0;
    std::map<uint64_t, PendingLine> pending_;             // by tag
    std::map<std::string, uint64_t, std::less<>> tagOf_;  // by the id that the log has
    std::string pageRoom_;                                // whose page comes; empty: none
    std::vector<Line> page_;                              // its entries so far
    uint64_t pageFirst_ = 0, pageLast_ = 0;
    bool pageMore_ = false, pageEmpty_ = true;
    std::string searchRoom_;      // of the search whose answer comes; empty: none
    bool searchMatters_ = false;  // and somebody still waits for it
    mutable Highlights highlights_;
    bool entered_ = false;  // some room was
    bool downloadsTold_ = false;
};

}  // namespace netchat::connect
