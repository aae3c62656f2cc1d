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
    void connected(const client::event::Connected& connected, const Moment& now);
    void away(const client::event::Reconnecting& away, const Moment& now);
    void ended(const client::event::Disconnected& ended, const Moment& now);
    void refused(const client::event::Refused& refused, const Moment& now);
    void notSaid(uint64_t tag, const client::event::Refused& refused, const Moment& now);
    bool neverUsed(const RoomView& room) const;
    void named(const client::event::Named& named, const Moment& now);
    void dropPage();
    bool entersAny() const;
    void turnedOut(RoomView& room);
    // ---- rooms and who is there
    void joined(const client::event::Joined& joined, const Moment& now);
    void left(const client::event::Left& left, const Moment& now);
    void presence(const client::event::Presence& presence, const Moment& now);
    void renamed(RoomView& room, const client::event::Presence& presence);
    void roster(const client::event::Roster& roster, const Moment& now);
    void roomList(const client::event::RoomList& list, const Moment& now);
    void missed(const Missed& missed);
    // ---- entries
    // By whom, and where in a room's log, if it is in one.
    struct Arrival {
        std::string_view from;
        uint64_t seq = 0;
        bool history = false;
    };
    void entry(const client::event::Message& message, const Moment& now);
    void entry(const client::event::File& file, const Moment& now);
    // Entry: one of these.
    template <class Entry>
    void logEntry(const Entry& entry, const Moment& now);
    void place(RoomView& room, const Arrival& what, Line line);
    void privately(const client::event::Private& message, const Moment& now);
    template <class Entry>
    void pageEntry(const Entry& entry, const Moment& now);
    void pageBegin(const client::event::HistoryPage& page);
    void pageEnd(const Moment& now);
    void searchPage(const client::event::SearchPage& page);
    void searchEnd();
    void gap(const client::event::Gap& gap, const Moment& now);
    void logChanged(const client::event::LogChanged& changed, const Moment& now);
    // `mention`: null where it is none.
    void arrived(RoomView& room, const Arrival& what, uint64_t line, const SafeText* mention);
    void notify(const RoomView& room, std::string_view from, const SafeText& text);
    bool isTold(const RoomView& room, const client::event::Presence& presence) const;
    void spoke(RoomView& room, std::string_view nick);
    // ---- pending lines
    void acknowledged(std::string_view id);
    void written(uint64_t tag);
    void settle(uint64_t tag, void (Scrollback::*how)(uint64_t line));
    // ---- files
    void fileEntry(const client::event::File& file);
    void received(const client::event::FileReceived& file, const Moment& now);
    void uploaded(const client::event::Uploaded& file, const Moment& now);
    void failed(const client::event::FileFailed& file, const Moment& now);
    void transfersNow(const TransfersNow& transfers, const Moment& now);
    std::string timing(std::string_view key, uint64_t size, const Moment& now) const;

    Line lineOf(const client::event::Message& message, const Moment& now) const;
    Line lineOf(const client::event::Private& message, const Moment& now) const;
    Line lineOf(const client::event::File& file, const Moment& now) const;
    // Said: Message, Private or File.
    template <class Said>
    static Line begunLine(Line::Kind kind, const Said& said, const Moment& now);
    void setWords(Line& line, std::string_view text) const;
    template <class Said>
    bool isIgnored(const Said& said) const;
    RoomView* roomOf(std::string_view name);
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
