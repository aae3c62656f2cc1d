#pragma once

// The hub: the one owner of users, rooms and order. Commands in, effects out; it does no I/O of
// its own, knows no dialect but by its encoders, and asks for nothing that could wait but the log.
//
//     apply(batch) … apply(batch)      says become drafts; other commands act at once, after the
//                                      drafts before them, so that there is one order of all
//     commit()                         one append to the log, then the publications
//     take(shard)                      what each loop is to do about it
//
// Where the log answers later (HubOptions::logPort), one batch of drafts is under way at a time.
// Until its answer comes, the other commands of those who said something wait (hub_waiting.cpp), as
// do those of sessions that read (hub_reads.cpp).
//
// Rule 1 of the wire: nothing is shown that the log has not given back.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "modes/serve/hub/commands.h"
#include "modes/serve/hub/directory.h"
#include "modes/serve/hub/effects.h"
#include "modes/serve/hub/hub_options.h"
#include "modes/serve/hub/open_reads.h"
#include "modes/serve/hub/room.h"
#include "modes/serve/hub/unsure_draft.h"
#include "modes/serve/hub/waiting_commands.h"
#include "modes/serve/limits/held_by_address.h"
#include "modes/serve/moderation/moderation.h"
#include "modes/serve/moderation/operators.h"
#include "modes/serve/names/room_names.h"
#include "modes/store/room_log.h"
#include "protocol/log_places.h"

namespace netchat::serve {

// What an Offer or a DropFile announces; its texts lie in the command.
template <class C>
store::Entry fileEntryOf(const C& c) {
    store::Entry entry;
    entry.kind = store::EntryKind::File;
    entry.id = c.id;
    entry.text = c.name;
    entry.size = c.size;
    entry.sha256 = c.sha256;
    return entry;
}

// One thread (the hub's, or the only loop's).
class Hub : private ModerationHost {
  public:
    Hub(store::RoomLog& log, HubOptions options);
    Hub(const Hub&) = delete;
    Hub& operator=(const Hub&) = delete;

    // Nicks are kept for their users while these are away. Before the first command.
    Status leaseNicks(store::NickLog& log, int64_t leaseMs, int64_t nowMs) {
        return directory_.leaseNicks(log, leaseMs, nowMs);
    }

    // Unix time. Entries have the wall clock's, whatever it says; what lasts for a time is judged
    // by the trusted one.
    struct Now {
        Now(int64_t ms) : wallMs(ms), trustedMs(ms) {}
        Now(int64_t wall, int64_t trusted) : wallMs(wall), trustedMs(trusted) {}
        int64_t wallMs, trustedMs;
    };
    void apply(CommandBatch batch, Now now);
    // The time of what is done between turns.
    void setNow(Now now);
    // Does a bounded part of what operators have ordered and takes many turns; true: there is more.
    // Between turns.
    bool workOn();
    // The trusted time goes forward (or back) by so much at once: sanctions and leases of after
    // `sinceMs` last for as long as was said then.
    void timeBelieved(int64_t sinceMs, int64_t byMs);
    void commit();
    EffectBatch take(size_t shard) { return std::exchange(effects_[shard], {}); }

    // The log does not know whether it has what was said last: that is answered when it does, and
    // what is said meanwhile is refused. After commit(): to be asked for again in a while.
    bool isUnsure() const { return !unsure_.empty(); }
    // Something that was said is under way to the log.
    bool isAppending() const { return underWay_.has_value(); }
    // So is a question to it.
    bool isReading() const { return !reads_.empty(); }
    // While either is, now and then, with commit() afterwards: tells those who wait for long.
    void lookAtSlowLog();
    // What could not be read is to be asked for again in a while. After commit(), and before one.
    bool mustAskAgain() const { return reads_.anyFailed(); }
    void askAgain();
    void findOut();
    std::string checkInvariants() const;  // what is broken after commit(); empty: nothing
    size_t users() const { return directory_.present().size(); }

  private:
    friend struct InvariantsTest;  // plants faults
    struct Pending {
        Room* room;  // null: it is not to be appended, but looked up
        SessionId session;
        Dialect dialect;
        std::string_view verb;
        store::Draft draft;
    };
    // What is done about a draft that is looked up, where its user has never said it.
    struct LookUp {
        std::optional<Error> refusal;  // none: the offer goes on
        std::optional<Offer> offer;    // its texts lie with the draft's
    };
    using LookUps = std::map<size_t, LookUp>;  // by the draft's place

    // One per command; the session is known to be a user's where there is one.
    void on(const Greet& c);
    void on(const Join& c);
    void on(const Leave& c);
    void on(const Say& c);
    void on(const Tell& c);
    void on(const Rename& c);
    void on(const AskWho& c);
    void on(const AskRooms& c);
    void on(const AskHistory& c);
    void on(const AskSearch& c);
    void on(const Searched& c);
    void on(const Offer& c);
    void on(const DropFile& c);
    void on(const CatchUp& c);
    void tellOfNoRoom(const CatchUp& c);
    void on(const Barrier& c) { emit(c.session, BarrierReached{c.session}); }
    void on(const Gone& c);
    void on(const Operate& c);
    void on(const AdminRequest& c);
    void on(const SnapshotTaken& c);
    void on(const LogAnswered& c);
    void on(const LogRead& c);
    void on(const LimitsChanged& c);
    void on(const Reloaded& c);

    void replaceSession(User& user);
    void depart(User& user);
    void releaseOffers(SessionId gone);
    void enterRoom(User& user, std::string_view name, std::optional<uint64_t> since,
                   const LogPlaces& read = {}, AddressKey address = kUncounted);
    void leaveRoom(User& user, Room& room);
    void dropIfUnused(RoomId id);
    void dropRoom(Room& room);
    void leaveAllRooms(User& user);
    Pending pendingOf(const User& user, std::string_view verb, std::string_view room,
                      store::Entry entry) const;
    void draft(Room& room, const User& user, std::string_view verb, const store::Entry& entry);
    void add(Pending pending);
    void offer(User& user, const Offer& c);
    void commitDrafts();
    void conclude(std::vector<Pending>& drafts, const LogPort::Outcome& outcome);
    void publishEntries(std::vector<Pending>& drafts, const std::vector<store::Appended>& appended);
    void publishEntry(Pending& pending, const store::Appended& appended);
    void refuseDrafts(const std::vector<Pending>& drafts, const Error& error);

    // hub_look_ups.cpp
    struct UnderWay;
    std::string_view kept(std::string_view text);
    void addLate(Pending& pending);
    void lookUp(const User& user, const Offer& c);
    void lookUp(const Pending& pending, LookUp lookUp);
    void appendLater(const Status& saved);
    std::optional<LogPort::Outcome> send(UnderWay& batch);
    void concludeUnderWay(const LogPort::Outcome& outcome);
    bool lookUpAll(UnderWay& batch, const Error& error);
    void lookedUp(const Pending& pending, const LookUp& lookUp, const store::Appended& said);
    void notLookedUp(const Pending& pending, const LookUp& lookUp, const Error& error);

    // hub_reads.cpp
    void read(OpenRead read);
    void askPage(const CatchUp& c, const Room& room);
    void readDuplicate(const Pending& pending, const store::Appended& said);
    void conclude(OpenRead read, const LogPort::ReadOutcome& outcome);
    void catchUp(const User& user, OpenRead read, const std::vector<store::KeptEntry>& entries);
    Page pageAfterGap(const OpenRead& read, const std::vector<store::KeptEntry>& entries) const;
    void tellHistory(const User& user, const OpenRead& read, const LogPort::ReadOutcome& outcome);
    void endReads(SessionId session);
    void lookAtSlowReads();

    // hub_waiting.cpp
    void carryOut(const Command& command);
    bool mayRun(const Command& command);
    bool hasDrafts(const Command& command) const;
    void resume();
    void resumeReleased();
    void wait(SessionId session, const Command& command);
    void runWaiting(const WaitingCommands::Waiting& next);
    void endInterest(SessionId session);
    void unanswered(SessionId session, size_t bytes);
    void answered(SessionId session, size_t bytes);
    void tellOfSlowLog(SessionId session);
    static constexpr int64_t kSlowLogMs = 2000;  // after which those who wait are told
    void releaseRooms(const std::vector<Pending>& drafts);

    // Who says again what the log has, or may have, is not told that it was refused.
    void refuseEntry(const Pending& pending, const Error& error);
    void refuseEntry(const User& user, const Error& error, std::string_view verb,
                     std::string_view room, const store::Entry& entry);
    bool wasTaken(const User& user, const Offer& c);
    void answerThoseOutside(const std::vector<Pending>& drafts,
                            const std::vector<store::Appended>& appended);
    void keepUnsure(const std::vector<Pending>& drafts);
    bool isUnsureAgain(const Pending& pending);
    void answerDuplicate(const Pending& pending, const store::Appended& said);
    void answerAgain(SessionId session, Dialect dialect, const store::Draft& draft,
                     const store::Appended& said, const store::Entry* found);
    void announce(Room& room, std::string_view state, const User& user, std::string_view was = {});
    void flushRoom(Room& room);
    void flushTouched();
    // A page for somebody who follows the room, or who has asked for a part of it.
    enum class Reading { Following, Looking };
    Page readPage(const Room& room, const User& user, uint64_t seq, size_t entriesMax,
                  size_t bytesMax, Reading reading) const;
    void addEntry(Page& page, const Room& room, const User& user, const store::Entry& entry,
                  Reading reading) const;

    // Operators: hub_operators.cpp, hub_admin_commands.cpp
    Status record(const AuditLine& line) const;  // into the audit log
    void reply(uint64_t ticket, Answer answer) const;
    Answer carryOut(const AdminCommand& order, const std::string& by);
    Result<std::string> perform(const AdminCommand& order, const std::string& by);
    Result<std::string> drain(const AdminCommand& order);
    Result<std::string> freeNick(const AdminCommand& order);
    void beginReload(const AdminRequest& c);  // hub_reload.cpp
    // hub_purge.cpp
    Result<std::string> beginTask(const AdminCommand& order, const std::string& by,
                                  store::Purge purge);
    Result<std::string> purgeRoom(const AdminCommand& order, const std::string& by);
    Result<std::string> purgeUser(const AdminCommand& order, const std::string& by);
    Result<std::string> removeRoom(const AdminCommand& order, const std::string& by);
    Result<std::string> removeFile(const AdminCommand& order);
    Status checkKnownRoom(const std::string& room) const;
    std::string taskText(const Operators::Task& task) const;
    void endTask(Result<std::string> done);
    void refuseAttempt(const User& user, const Operate& c);
    Answer answerNow(const AdminCommand& order, const ConnectionSnapshots& snapshots);
    std::vector<Row> whoRows(const ConnectionSnapshots& snapshots) const;
    std::vector<Row> roomRows() const;

    // For moderation.
    const std::vector<User*>& present() const override { return directory_.present(); }
    NickOwner ownerOf(std::string_view nick) const override { return directory_.ownerOf(nick); }
    void expel(User& user, ErrorCode code, const std::string& why) override;
    void expelFrom(const std::shared_ptr<const AddressBan>& ban) override;
    void notify(SessionId session, std::string text) override;
    void emptyRoom(std::string name, const std::string& why) override;

    void welcome(User& user, bool cameBack);

    // hub_limits.cpp
    std::optional<Error> fullError(const User& user, const Join& c) const;
    std::optional<Error> roomCountError(const Join& c) const;
    std::optional<Error> fullRoomError(const Room* room) const;
    std::optional<Error> newRoomError(std::string_view name) const;
    std::optional<Error> newUserError(const Greet& c) const;
    std::optional<Error> quotaError(const User& user, const Offer& c);
    void tellOfLease(const User& user);

    // Null: the user is no operator, to whom cloaks are shown.
    const Moderation* cloaksFor(const User& user) const {
        return moderation_.isOperator(user) ? &moderation_ : nullptr;
    }
    Room& roomNamed(std::string_view name, AddressKey address);
    std::vector<RoomInfo> allRooms() const;
    Room* findRoom(std::string_view name) const;
    Room* memberRoom(const User& user, std::string_view name) const;
    void touch(Room& room);
    void emit(SessionId session, Effect effect) {
        effects_[shardOf(session)].push_back(std::move(effect));
    }
    void refuse(SessionId session, Error error, std::string_view re, std::string_view room = {},
                std::string_view id = {}, std::string_view nick = {}, bool wasEntry = false);

    store::RoomLog& log_;
    HubOptions options_;
    Directory directory_;
    int64_t nowMs_ = 0;                 // the trusted time
    int64_t wallMs_ = 0;                // what the wall clock says, for those who read it
    std::vector<EffectBatch> effects_;  // by shard

    // A session that was replaced gives its uploads back to the store before it is Gone. Until then
    // its user's offers wait, so that they go on where those were.
    struct Replaced {
        size_t sessions = 0;               // that are not Gone yet
        std::vector<OfferAllowed> offers;  // of the present one
    };
    std::unordered_map<SessionId, UserId> ending_;
    std::unordered_map<UserId, Replaced> replaced_;

    // What a user has offered today; for those for whom there is a quota.
    struct Stored {
        uint64_t bytes = 0;
        std::unordered_set<std::string> files;
    };
    int64_t storedDay_ = 0;
    std::unordered_map<UserId, Stored> stored_;
    HeldByAddress roomsMade_;

    Moderation moderation_;
    Operators operators_;

    RoomId lastRoom_ = 0;
    std::unordered_map<RoomId, std::unique_ptr<Room>> rooms_;
    std::unordered_map<std::string_view, Room*> roomsByName_;  // keys lie in the rooms
    RoomNames roomNames_;                                      // those of the log as well
    std::vector<Room*> touched_;                               // have something to flush

    using HeldBatches = std::vector<std::shared_ptr<const CommandBatch>>;
    std::shared_ptr<const CommandBatch> current_;  // whose commands are carried out
    std::vector<Pending> pending_;                 // drafts that the log has not seen
    LookUps lookUps_;                              // of them, those that are not to be appended
    HeldBatches held_;                             // whose arenas the drafts' texts lie in
    // The texts of drafts for a log that answers later: whole turns are not held for that long.
    std::shared_ptr<Arena> texts_;
    std::string_view lastNick_;  // in texts_
    struct UnderWay {
        std::vector<Pending> drafts;
        LookUps lookUps;
        std::shared_ptr<const Arena> texts;
        std::unordered_set<UserId> users;  // who said them, or what is pending since
        bool hasFailed;                    // so that all of it is only looked up
        int64_t sinceMs;
        bool isSlow;  // those who wait are told
    };
    std::optional<UnderWay> underWay_;  // to the log
    OpenReads reads_;
    uint64_t lastTicket_ = 0;
    WaitingCommands waiting_;
    std::vector<SessionId> released_;  // whose reads have ended
    Unanswered unanswered_;
    std::unordered_set<SessionId> toldOfSlowLog_;
    std::vector<UnsureDraft> unsure_;
};

}  // namespace netchat::serve
