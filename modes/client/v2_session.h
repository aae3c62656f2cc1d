#pragma once

// The client's side of v2. What it guarantees over reconnects, as long as the server keeps its
// word: each message that was said is in its room's log once, and each entry of a room's log is
// told once, in order.
//
//     Idle -> Greeting -> Open -> Leaving -> Idle          (Idle from anywhere, with Disconnected)
//
// A room is taken up again with the seq of its last entry seen; what was said there and has not
// come back is said again once the room has answered.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "modes/client/out_buffer.h"
#include "modes/client/pending_requests.h"
#include "modes/client/resume.h"
#include "modes/client/session.h"
#include "modes/client/transfer_port.h"
#include "modes/client/unacked_queue.h"
#include "protocol/field.h"
#include "protocol/frame.h"
#include "protocol/limits.h"
#include "protocol/log_places.h"
#include "protocol/message.h"

namespace netchat::client {

// Pure; one thread at a time.
class V2Session : public Session, public TransferPort {
  public:
    // `everyEntry`: tell also entries that were told before or that no server should send here.
    V2Session(std::string nick, SessionSink& sink, bool everyEntry = false)
        : sink_(sink), everyEntry_(everyEntry), nick_(std::move(nick)) {}
    // Before the first connection: this is the user that an earlier client was.
    void resume(const Resume& resume);
    // Said in every greeting.
    void authenticateBy(std::string password) { password_ = std::move(password); }
    // Said in every greeting: no nick is to be kept.
    void beGuest() { guest_ = true; }
    // All but the last id.
    Resume state() const;
    // Leaves the rooms that were joined again for what had no answer, once no upload waits there.
    void leaveReturned();

    void connectionMade() override;
    void connectionEnded(std::string_view reason) override;
    void cut(std::string_view code, std::string_view text) override;
    void receive(std::string_view bytes, int64_t nowMs) override;
    std::string_view output() const override { return out_.unsent(); }
    void written(size_t size) override { out_.written(size); }

    void say(std::string_view id, std::string_view room, std::string_view text) override;
    void tell(std::string_view id, std::string_view nick, std::string_view text) override;
    void join(std::string_view room, std::optional<uint64_t> since) override;
    void leave(std::string_view room) override;
    void nick(std::string_view name) override;
    void ping(int64_t nowMs) override;
    bool probe() override;
    void bye() override;

    // ---- TransferPort
    bool open() const override { return state_ == State::Open; }
    bool mayOffer(std::string_view room) const override;
    uint64_t chunkBytesMax() const override { return std::min(windowBytes_, limits::kPieceBytes); }
    uint64_t windowBytes() const override { return windowBytes_; }
    void offer(const v2::Offer& offer) override;
    void sendChunk(uint64_t transfer, uint64_t off, std::string_view bytes) override;
    void cancelUpload(uint64_t transfer) override;
    void get(std::string_view sha256, uint64_t at, uint64_t size) override;
    void cancelDownload(std::string_view sha256) override;
    void verify(std::string_view sha256) override;

    bool connected() const override { return open() || state_ == State::Leaving; }
    bool leaving() const override { return byeWanted_; }
    bool idle() const override;
    size_t unacknowledged() const override { return unacked_.size(); }
    const std::string& nickName() const override { return nick_; }
    uint64_t fileBytesMax() const override { return fileBytesMax_; }
    std::string checkInvariants() const override;

  private:
    friend struct InvariantsTest;  // plants faults

    enum class State {
        Idle,      // no connection
        Greeting,  // the hello was sent, its answer is due
        Open,      // welcome
        Leaving,   // bye was sent, the server's is due
    };
    struct Room {
        enum class State {
            Joining,  // asked for, or to be asked for with the next connection
            Joined,
            Leaving,  // left, its answer is due; what is told of it goes nowhere
            // To be left, but something that was said or dropped there has no answer, and may be
            // there from an earlier connection: it is joined (again) for that, and left after it.
            Returning,
        };
        std::string name;
        State state = State::Joining;
        std::optional<uint64_t> last = {};  // the seq of the newest entry told
        // Under which identities of the log; the seq of the newest is `last`, here and now.
        LogPlaces read = {};
        bool chosen = false;     // `last` is what the user has asked for, not what was told
        uint64_t liveAfter = 0;  // entries up to here were there before this join
        bool asked = false;      // Joining: its user waits for that, who was not in it before
        bool rejoined = false;   // on this connection, where more may be said than was answered
    };
    struct Ping {
        std::string token;
        int64_t sentMs;
    };
    using Handler = void (V2Session::*)(const Frame&);
    struct Verb {
        std::string_view name;
        Handler handler;
    };
    static const Verb kVerbs[];

    // ---- of frames, in v2_receive.cpp
    void takeFrame(std::string_view payload);
    template <class M, void (V2Session::*Take)(const M&)>
    void decoded(const Frame& frame);
    void takeWelcome(const v2::Welcome& welcome);
    void takeJoined(const v2::Joined& joined);
    void takeLeft(const v2::Left& left);
    void takeMsg(const v2::Msg& msg);
    void takeFile(const v2::File& file);
    void takeTell(const v2::Tell& tell);
    void takeAccept(const v2::Accept& accept);
    void takeStored(const v2::Stored& stored);
    void takeData(const v2::Data& data);
    void takeVerified(const v2::Verified& verified);
    void takePresence(const v2::Presence& presence);
    void takeNamed(const v2::Named& named);
    void takeRoster(const v2::Roster& roster);
    void takeRoomList(const v2::RoomList& list);
    void takePage(const v2::Page& page);
    void takeFound(const v2::Found& found);
    bool tellEntries(std::string_view room, std::string_view frames);
    void takeGap(const v2::Gap& gap);
    void takeDone(const v2::Done& done);
    void takeNotice(const v2::Notice& notice);
    void takePing(const v2::Ping& ping);
    void takePong(const v2::Pong& pong);
    bool mayAnswer();
    void takeBye(const v2::Bye& bye);
    void takeFailure(const v2::Failure& failure);

    void rememberLeft(const Room& room);
    bool isNext(std::string_view room, uint64_t seq, bool& history);
    void askForRest(const v2::Roster& roster, uint64_t after);
    bool acknowledge(uint64_t user, std::string_view id);
    bool isOwn(uint64_t user) const { return user != 0 && user == user_; }
    event::Message eventOf(const v2::Msg& msg) const;
    event::File eventOf(const v2::File& file) const;
    Status takePageEntry(std::string_view room, std::string_view payload);
    template <class Entry>
    Status emitPageEntry(std::string_view room, Entry entry);
    Result<std::vector<v2::Member>> membersOf(std::string_view lines) const;
    void takeRefusedRoom(const v2::Failure& failure);

    // ---- of verbs
    void question(std::string_view verb, std::string_view about, std::string_view words,
                  std::string frame) override;
    void sendQuestions();
    // After each answer: what waited for it takes its turn.
    void advance();
    bool isSettled(std::string_view room) const;
    void beginJoin(std::string_view room, std::optional<uint64_t> since);
    void beginLeave(std::string_view room);
    void tellForgotten(const std::vector<Said>& unsure);
    void refuse(Error error, std::string_view re, std::string_view id, std::string_view room,
                std::string_view nick = {});
    bool mayTalk(const Said& said) const;
    void sendDue();
    bool owes(std::string_view room) const;
    void sendSaid(const Said& said);
    void beginAt(Room& room, std::optional<uint64_t> since);
    void sendJoin(Room& room);
    void goBack(Room& room, const v2::Joined& joined);
    void trySendBye();
    Room* findRoom(std::string_view name);
    const Room* findRoom(std::string_view name) const;
    void eraseRoom(std::string_view name);
    void emit(const Event& event) { sink_.onEvent(event); }
    void disconnected(std::string_view code, std::string_view text);
    void fail(const Error& error);
    void beginAnew();

    // v2_invariants.cpp
    std::string roomFault(const Room& room) const;
    std::string queueFault() const;

    SessionSink& sink_;
    const bool everyEntry_;
    State state_ = State::Idle;
    FieldReader reader_{limits::kHeaderWidth};
    OutBuffer out_;
    PendingRequests pending_;  // asked again with the next connection
    bool byeWanted_ = false;
    int64_t nowMs_ = 0;

    std::string password_;
    bool guest_ = false;
    std::string nick_;
    std::string secret_;  // of the last welcome; empty before the first
    uint64_t user_ = 0;
    uint64_t textBytesMax_ = limits::kTextBytesMax;
    uint64_t fileBytesMax_ = 0;
    uint64_t windowBytes_ = limits::kChunkBytesMax;

    std::vector<Room> rooms_;               // in the order of joining
    std::vector<Resume::Room> remembered_;  // of an earlier client, not joined yet
    std::vector<Resume::Room> left_;        // how far each was read that was left, up to kLeftMax
    UnackedQueue unacked_;
    std::vector<Ping> pings_;
    uint64_t lastPing_ = 0;
    struct LastWords {
        std::string code, text;
    };
    std::optional<LastWords> lastWords_;  // the last frame, if it was an error
};

}  // namespace netchat::client
